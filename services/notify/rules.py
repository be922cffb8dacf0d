"""The decisions about notices: pure functions over plain values."""

from datetime import date, datetime, timedelta
from uuid import UUID

from contracts.values import Actor

INBOX = "inbox"
"""The channel of notices that are read in the console."""
_CONSOLE = "/console"
_NEWS_FOR = timedelta(days=7)


def is_news_to(person_id: UUID, actor: Actor) -> bool:
    """Whether a person needs to be told of what this actor did: nobody is told of their own doings."""
    return actor.kind != "user" or actor.id != str(person_id)


def is_recent(day: date, told_at: datetime) -> bool:
    """Whether a day is near enough to be news; an import of last year's deals is none."""
    return told_at.date() - day <= _NEWS_FOR


def link_to(customer_id: UUID | None) -> str:
    """Where in the console the notice leads: to its customer, or to the front page when there is none."""
    return _CONSOLE if customer_id is None else f"{_CONSOLE}/customers/{customer_id}"
