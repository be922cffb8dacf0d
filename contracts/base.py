"""The three shapes of everything on the wire: a Request and its reply, and an Event."""

import re
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.values import Actor, Limit


class Message(BaseModel):
    """A value that travels. Readers ignore fields they don't know, so contracts can grow by optional fields."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, val_json_bytes="base64")


ABSENT: Any = None
"""The default of a merge patch's field that may be left out but can't be null."""

R = TypeVar("R", bound=BaseModel)
E = TypeVar("E", bound="Event")
F = TypeVar("F", bound=BaseModel)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _reply_of(request: type[BaseModel]) -> type[BaseModel]:
    for base in request.__mro__:
        arguments = getattr(base, "__pydantic_generic_metadata__", {}).get("args")
        if arguments:
            reply: type[BaseModel] = arguments[0]
            return reply
    raise TypeError(f"{request.__name__} names no reply: write Request[SomeReply]")


class Request(Message, Generic[R]):
    """A question or an order to one service; `to` names the service, the class name gives the RPC method.

    `class ClaimCustomers(Request[ClaimResult], to="pool")` is the RPC `pool.claim_customers` and is answered by a
    `ClaimResult` or by one of the five errors of contracts/errors.py.
    """

    service: ClassVar[str]
    method: ClassVar[str]
    reply_type: ClassVar[type[BaseModel]]
    shown_once: ClassVar[bool] = False
    """Whether the reply holds a secret that is kept nowhere in clear."""
    own_scope: ClassVar[str | None] = None
    """What an API key must be allowed to ask this, where that does not follow from the name (contracts/scopes.py)."""

    def __init_subclass__(
        cls, to: str | None = None, shown_once: bool = False, scope: str | None = None, **kwargs: Any
    ) -> None:
        """Take these out of the class keywords; pydantic hands them on once the fields are known."""
        super().__init_subclass__(**kwargs)

    @classmethod
    def __pydantic_init_subclass__(
        cls, to: str | None = None, shown_once: bool = False, scope: str | None = None, **kwargs: Any
    ) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.shown_once = shown_once
        cls.own_scope = scope
        if to is not None:
            cls.service = to
            cls.method = _snake(cls.__name__)
            cls.reply_type = _reply_of(cls)


class Health(Message):
    """How one process of a service is."""

    service: str
    process: int
    started_at: datetime


class GetHealth(Request[Health], to="*"):
    """Whether a service works, asked of whichever of its processes takes the call; every service answers it."""


class ListFacts(Request[R], Generic[R]):
    """Asks for a page of what other services keep of a kind of record, by id."""

    limit: Limit = 200
    cursor: str | None = None


class FactsPage(Message, Generic[F]):
    """A page of facts; each bears the sequence of its record's latest event, so a copy knows whether it is news."""

    items: list[F]
    next_cursor: str | None


class Event(Message):
    """Something that happened and was committed. `type` is its routing key, `subject` the field with the record's id.

    The producing service is the module or folder of contracts/ that the event is declared in.
    """

    topic: ClassVar[str]
    source: ClassVar[str]
    subject_field: ClassVar[str]

    def __init_subclass__(cls, type: str | None = None, subject: str | None = None, **kwargs: Any) -> None:
        """Take `type` and `subject` out of the class keywords; pydantic hands them on once the fields are known."""
        super().__init_subclass__(**kwargs)

    @classmethod
    def __pydantic_init_subclass__(cls, type: str | None = None, subject: str | None = None, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if type is not None and subject is not None:
            cls.topic = type
            cls.subject_field = subject
            cls.source = cls.__module__.split(".")[1]

    @property
    def subject(self) -> UUID:
        """The id of the record this event tells about."""
        value: UUID = getattr(self, self.subject_field)
        return value

    @classmethod
    def wire_type(cls) -> str:
        """The CloudEvents `type`, e.g. `crm.holding.claimed.v1`."""
        return f"crm.{cls.topic}.v1"


class Received(Message, Generic[E]):
    """An event as a subscriber gets it: the CloudEvents attributes round the producer's `data`."""

    id: UUID
    source: str
    type: str
    subject: UUID
    time: datetime
    sequence: int
    """Rises by one per subject and source; a later fact about the same record has the larger number."""
    actor: Actor
    traceparent: str | None = None
    data: E
    body: str = ""
    """The whole CloudEvent as it came, for those who pass it on."""
