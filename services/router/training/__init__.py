"""Offline: the project's own words, fitting, measuring. Serving imports none of it."""
