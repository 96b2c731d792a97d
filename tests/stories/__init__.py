"""Stories that a merchant can read."""
