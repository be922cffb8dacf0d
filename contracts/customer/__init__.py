"""What the customer service answers and announces: a module for each kind of record."""
