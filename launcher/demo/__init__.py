"""Posting complaints as the app does, watching them arrive, and a demonstration that counts what it saw."""
