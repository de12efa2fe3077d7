"""Logging, metric helpers, health: the same in every service."""
