"""Every SELECT of the pool service, a file per subject."""
