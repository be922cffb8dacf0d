"""Writes the pages of docs/ that say what the suite answers and announces, from the contracts and the services."""
