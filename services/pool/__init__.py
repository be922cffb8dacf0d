"""Pools and holdings: who holds whom."""
