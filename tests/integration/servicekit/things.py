"""What the probe service announces: made for tests of the machinery, without a word of the business."""

from uuid import UUID

from contracts.base import Event


class ThingChanged(Event, type="thing.changed", subject="thing_id"):
    """A thing was changed; `wish` says how a handler of the probe is to fare with it."""

    thing_id: UUID
    note: str = ""
    wish: str = ""


class ThingCounted(Event, type="thing.counted", subject="thing_id"):
    """A thing was counted."""

    thing_id: UUID
    wish: str = ""
