"""The decisions of the opportunity service: pure functions over plain values."""
