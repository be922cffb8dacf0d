"""What the launcher can't go on with; every message names the remedy."""


class LaunchError(Exception):
    """Something the launcher needs is missing or failed. Its text is all a person gets to see."""
