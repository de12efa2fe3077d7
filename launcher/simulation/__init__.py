"""A month of a city on the real running system, with business time running fast: `laksa demo --days 30`."""
