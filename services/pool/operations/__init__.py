"""The verbs of the pool service: load, decide, change, publish; a file per subject."""
