"""The ways out: one module per channel."""
