"""How a request reaches the gateway: its method, its address, and how long an answer may take."""

from dataclasses import dataclass

_SECONDS = 10.0
"""How long the gateway works on a request at most, unless its route says otherwise."""
_WAY_SECONDS = 5.0


@dataclass(frozen=True)
class Route:
    """One route; the parts of its path in braces are fields of the request."""

    method: str
    path: str
    seconds: float = _SECONDS

    @property
    def path_fields(self) -> set[str]:
        """The request's fields that stand in the path."""
        return {part[1:-1] for part in self.path.split("/") if part.startswith("{")}

    @property
    def answer_seconds(self) -> float:
        """How long to wait for one answer: the gateway gives up first, and says why."""
        return self.seconds + _WAY_SECONDS

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again without knowing what became of it: a POST bears its key, others are the same."""
        return self.method in {"GET", "POST", "PUT"}
