"""Contract and plumbing that two services or more need; no decision about a complaint is made here."""
