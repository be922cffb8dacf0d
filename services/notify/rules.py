"""The decisions about notices: pure functions over plain values."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from contracts.values import Actor

INBOX = "inbox"
"""The channel of notices that are read in the console."""
_CONSOLE = "/console"
_NEWS_FOR = timedelta(days=7)
WEBHOOK_RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""How long a webhook's delivery waits after each failed attempt; then it has failed for good."""
GONE = 410


def is_news_to(person_id: UUID, actor: Actor) -> bool:
    """Whether a person needs to be told of what this actor did: nobody is told of their own doings."""
    return actor.kind != "user" or actor.id != str(person_id)


def is_recent(day: date, told_at: datetime) -> bool:
    """Whether a day is near enough to be news; an import of last year's deals is none."""
    return told_at.date() - day <= _NEWS_FOR


def link_to(customer_id: UUID | None) -> str:
    """Where in the console the notice leads: to its customer, or to the front page when there is none."""
    return _CONSOLE if customer_id is None else f"{_CONSOLE}/customers/{customer_id}"


def matches(topic: str, patterns: Sequence[str]) -> bool:
    """Whether a routing key is among these patterns, as the broker reads them."""
    words = topic.split(".")
    return any(_match(words, pattern.split(".")) for pattern in patterns)


def _match(words: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return not words
    if list(pattern[:2]) == ["#", "#"]:
        return _match(words, pattern[1:])  # which says the same, and can be read in fewer ways
    if pattern[0] == "#":
        return any(_match(words[skipped:], pattern[1:]) for skipped in range(len(words) + 1))
    return bool(words) and pattern[0] in {"*", words[0]} and _match(words[1:], pattern[1:])


def is_accepted(status: int | None) -> bool:
    """Whether a receiver took an event."""
    return status is not None and 200 <= status < 300


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many failed attempts; None when enough were made."""
    return now + WEBHOOK_RETRIES[attempts - 1] if attempts <= len(WEBHOOK_RETRIES) else None
