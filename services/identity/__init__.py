"""People, departments, sign-in."""
