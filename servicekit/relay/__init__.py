"""From the outbox to the broker: one active relay per database (docs/decisions/0002-outbox-order.md)."""

from servicekit.relay.relay import Relay

__all__ = ["Relay"]
