"""Other company systems that read events: each has a user and a queue of its own on the broker.

The broker is the record: a subscriber is the queue `subscriber.<name>`, its bindings and the user of the same name.
What a queue loses to its bounds goes to `dropped.<name>`, which keeps the first of it, so that somebody can tell that
there is a hole and where it begins.
"""

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.errors import Conflict, NotFound, fault
from contracts.log import TopicPattern
from deploy.cli.broker_api import BrokerApi, Rights
from servicekit.events.topology import EXCHANGE

_PREFIX = "subscriber."
_TAG = "crm-subscriber"
_POLICY = "subscribers"
_DROPPED_POLICY = "subscribers-dropped"
_NAME = re.compile(r"^[a-z][a-z0-9-]{0,39}$")
_TOPICS = TypeAdapter(Annotated[list[TopicPattern], Field(min_length=1, max_length=50)])
_DAY_MS = 86_400_000
_MOST_DROPPED = 10_000
_MOST_RETURNS = 1_000


class Bounds(BaseSettings):
    """How much a subscriber's queue holds, and how the broker is reached for it; of the environment."""

    model_config = SettingsConfigDict(env_prefix="CRM_", frozen=True, extra="ignore")

    rabbitmq_api_url: str = ""
    """The broker's management API with an administrator's name and password: `http://user:password@host:15672`."""
    amqp_public_address: str = ""
    """`host:port` under which other systems reach the broker, where it is not that of CRM_AMQP_URL."""
    subscriber_queue_length: Annotated[int, Field(ge=1)] = 100_000
    """How many events wait for a subscriber at most; then the oldest are dropped."""
    subscriber_queue_days: Annotated[float, Field(gt=0, le=365)] = 7
    """How long an event waits for a subscriber at most."""


@dataclass(frozen=True)
class Subscriber:
    """What the broker knows of one."""

    name: str
    topics: list[str]
    waiting: int
    dropped: int
    dropped_since: datetime | None
    """When the first dropped event happened: a replay from then on fills the hole."""


def queue_of(name: str) -> str:
    """The queue of a subscriber, and its user's name: no other user of the broker is called like this."""
    return f"{_PREFIX}{name}"


def dropped_queue_of(name: str) -> str:
    """Where the first events are kept that its queue has lost to its bounds."""
    return f"dropped.{name}"


def add(api: BrokerApi, name: str, *, topics: Sequence[str], bounds: Bounds) -> str:
    """Make a subscriber; gives its password, which nobody can see again.

    InvalidInput: subscriber.name, subscriber.events. Conflict: subscriber.exists.
    """
    if not _NAME.match(name):
        raise fault("name", "subscriber.name", "A name has small letters, digits and hyphens, e.g. billing.")
    wanted = _checked(topics)
    queue, dropped = queue_of(name), dropped_queue_of(name)
    if api.has_rights(queue):
        raise Conflict("subscriber.exists", f"There is a subscriber {name} already. Remove it first, or rotate it.")
    put_bounds(api, bounds)
    for leftover in (queue, dropped):  # of one that was half made or half removed
        api.drop_queue(leftover)
    # Classic: looking at a quorum queue's message counts as a return, and RabbitMQ 4 drops it after some of them.
    api.put_queue(dropped, queue_type="classic")
    api.put_queue(queue, queue_type="quorum", dead_letter_exchange="", dead_letter_routing_key=dropped)
    api.bind(queue, exchange=EXCHANGE, topics=wanted)
    password = _new_password(api, name)
    api.put_rights(queue, Rights(configure="^$", write="^$", read=f"^{re.escape(queue)}$"))
    return password


def rotate(api: BrokerApi, name: str) -> str:
    """Give a subscriber a new password, and end what is connected by the old one. NotFound: subscriber.unknown."""
    require(api, name)
    password = _new_password(api, name)
    api.close_connections(queue_of(name))
    return password


def remove(api: BrokerApi, name: str) -> None:
    """Remove a subscriber with all that waits for it. NotFound: subscriber.unknown."""
    require(api, name)
    api.drop_user(queue_of(name))
    api.drop_queue(dropped_queue_of(name))
    api.drop_queue(queue_of(name))


def all_of(api: BrokerApi) -> list[Subscriber]:
    """Every subscriber, by name."""
    counts, topics = api.counts(), api.topics(EXCHANGE)
    names = sorted(queue.removeprefix(_PREFIX) for queue in counts if queue.startswith(_PREFIX))
    return [_described(api, name, counts=counts, topics=topics.get(queue_of(name), [])) for name in names]


def require(api: BrokerApi, name: str) -> Subscriber:
    """The subscriber of this name. NotFound: subscriber.unknown."""
    for subscriber in all_of(api):
        if subscriber.name == name:
            return subscriber
    raise NotFound("subscriber.unknown", f"There is no subscriber {name}. See who there is: crm subscribers list")


def put_bounds(api: BrokerApi, bounds: Bounds) -> None:
    """Bound the queues of all subscribers, those that exist too: what is too much or too old makes way."""
    definition = {
        "max-length": bounds.subscriber_queue_length,
        "message-ttl": max(1, round(bounds.subscriber_queue_days * _DAY_MS)),
        "overflow": "drop-head",
        # RabbitMQ 4 would drop an event after 20 returns: too soon for a subscriber that only restarts often.
        "delivery-limit": _MOST_RETURNS,
    }
    api.put_policy(_POLICY, pattern="^subscriber[.]", definition=definition)
    # A full queue takes no more: the first ones stay, which say where the hole begins.
    first = {"max-length": _MOST_DROPPED, "overflow": "reject-publish"}
    api.put_policy(_DROPPED_POLICY, pattern="^dropped[.]", definition=first)


def most_waiting(api: BrokerApi) -> int:
    """How many events a subscriber's queue holds before it drops the oldest."""
    return int(api.policy(_POLICY).get("max-length", Bounds.model_fields["subscriber_queue_length"].default))


def _new_password(api: BrokerApi, name: str) -> str:
    password = secrets.token_urlsafe(24)
    api.put_user(queue_of(name), password=password, tag=_TAG)
    return password


def _described(api: BrokerApi, name: str, *, counts: dict[str, int], topics: list[str]) -> Subscriber:
    queue = dropped_queue_of(name)
    dropped = counts.get(queue, 0)
    return Subscriber(
        name=name,
        topics=sorted(topics),
        waiting=counts[queue_of(name)],
        dropped=dropped,
        dropped_since=_time_of(api.oldest(queue)) if dropped else None,
    )


def _time_of(body: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads(body or "")["time"])
    except (ValueError, KeyError, TypeError):
        return None  # not an event of ours: an administrator can put anything into a queue


def _checked(topics: Sequence[str]) -> list[str]:
    try:
        return _TOPICS.validate_python([each.strip() for each in topics])
    except ValidationError:
        raise fault(
            "events", "subscriber.events", "Events are 1 to 50 patterns with commas, e.g. opportunity.won,order.*"
        ) from None
