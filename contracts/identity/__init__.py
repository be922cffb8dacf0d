"""What the identity service answers and announces: a module for each kind of record."""
