"""What a chart allows: a person's superiors, or a company's parents, never lead back to where they began."""

from collections.abc import Mapping
from uuid import UUID


def closes_cycle(superiors: Mapping[UUID, UUID | None], below: UUID, above: UUID) -> bool:
    """Whether putting `below` under `above` makes a circle: `above` is it, or stands below it already."""
    at: UUID | None = above
    for _ in range(len(superiors) + 1):
        if at is None:
            return False
        if at == below:
            return True
        at = superiors.get(at)
    return True
