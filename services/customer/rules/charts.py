"""What a chart allows: a person's superiors, or a company's parents, never lead back to where they began."""

from collections.abc import Iterator, Mapping
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


def top_down(superiors: Mapping[UUID, UUID | None]) -> Iterator[tuple[UUID, int]]:
    """Everybody with their depth, each followed by those below; those side by side stay in the order of the mapping."""
    below: dict[UUID | None, list[UUID]] = {}
    for person, superior in superiors.items():
        below.setdefault(superior, []).append(person)
    waiting = [(person, 0) for person in reversed(below.get(None, []))]
    while waiting:
        person, depth = waiting.pop()
        yield person, depth
        waiting += [(report, depth + 1) for report in reversed(below.get(person, []))]
