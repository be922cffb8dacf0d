"""What the services say to each other: data only, one module per producing service."""
