"""What the customer service does: one function per order and fact heard."""
