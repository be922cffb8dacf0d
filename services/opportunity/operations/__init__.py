"""The verbs of the opportunity service: load, decide, change, publish."""
