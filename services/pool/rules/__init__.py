"""The pool service's decisions, a file per subject."""
