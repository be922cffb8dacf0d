"""What the identity service does: one function per order."""
