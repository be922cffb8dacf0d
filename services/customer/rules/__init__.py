"""The customer service's decisions: pure functions over plain values."""
