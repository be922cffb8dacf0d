"""`@on(Event)`: handlers of events, exactly once in effect; see docs/decisions/0003-inbox-and-retries.md."""

from servicekit.events.on import declare_topology, on, on_batch, queues_of

__all__ = ["declare_topology", "on", "on_batch", "queues_of"]
