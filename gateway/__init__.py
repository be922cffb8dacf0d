"""The only HTTP of the suite: a stateless gateway that keeps no data of its own."""
