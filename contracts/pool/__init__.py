"""What the pool service answers and announces: a module for each subject."""
