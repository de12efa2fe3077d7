"""Masking, pseudonyms and encryption: personal data leaves intake only under these."""
