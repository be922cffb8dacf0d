"""What really happened, read from the databases and the broker when all is quiet, beside what the writers were told."""

from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

from deploy.local.scale import SERVICES
from servicekit.events import queues_of
from servicekit.events.topology import Queue
from servicekit.service import find
from tests.faults.house import House
from tests.faults.ledger import Told, is_marker

_MARKERS = {
    "customer": "SELECT note FROM customers WHERE note <> '' UNION ALL SELECT unnest(tags) FROM customers",
    "activity": "SELECT content FROM activities",
    "opportunity": "SELECT name FROM opportunities"
    " UNION ALL SELECT 'w' || lpad(trunc(amount)::text, 7, '0') FROM opportunities WHERE state = 'won'",
    "pool": "SELECT note FROM holding_spans WHERE note <> ''",
}

# A change and the event that tells of it, each as (id, how often); the two must be the same.
_TOLD = {
    ("customer", "customer.created"): "SELECT id::text, 1 FROM customers",
    ("customer", "customer.updated"): "SELECT id::text, version - 1 FROM customers WHERE version > 1",
    ("pool", "holding.claimed"): "SELECT customer_id::text, count(*) FROM"
    " (SELECT customer_id, began FROM holdings UNION ALL SELECT customer_id, began FROM holding_spans) AS spans"
    " WHERE began = 'claimed' GROUP BY 1",
    ("pool", "holding.released"): "SELECT customer_id::text, count(*) FROM holding_spans"
    " WHERE ended = 'released' GROUP BY 1",
    ("activity", "activity.logged"): "SELECT id::text, 1 FROM activities",
    ("activity", "follow_up.scheduled"): "SELECT id::text, 1 FROM follow_ups",
    ("activity", "reminder.due"): "SELECT id::text, 1 FROM reminders",
    ("opportunity", "opportunity.opened"): "SELECT id::text, 1 FROM opportunities",
    ("opportunity", "opportunity.won"): "SELECT id::text, 1 FROM opportunities WHERE state = 'won'",
    ("notify", "notice.delivered"): "SELECT id::text, 1 FROM notices",
    ("identity", "user.created"): "SELECT id::text, 1 FROM users",
}

_CUSTOMERS = "SELECT id::text, name, owner_id::text, pool_id::text FROM customers"
# A copy, and the record it is a copy of.
_COPIES = [
    (
        ("pool", "SELECT id::text, name FROM customers"),
        ("customer", "SELECT id::text, name FROM customers"),
    ),
    (("activity", _CUSTOMERS), ("customer", _CUSTOMERS)),
    (("opportunity", _CUSTOMERS), ("customer", _CUSTOMERS)),
    (
        ("customer", "SELECT id::text, owner_id::text, pool_id::text FROM customers"),
        ("pool", "SELECT customer_id::text, owner_id::text, pool_id::text FROM holdings"),
    ),
    *(
        (
            (service, "SELECT id::text, name, department_id::text, active FROM users"),
            ("identity", "SELECT id::text, full_name, department_id::text, active FROM users"),
        )
        for service in ("pool", "customer", "activity", "opportunity", "notify")
    ),
]


class Audit:
    """One look at everything; the house must be quiet."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._ledger = house.ledger
        texts = (row[0] for service, statement in _MARKERS.items() for row in house.rows(service, statement))
        self.found = Counter(text for text in texts if is_marker(text))
        """How often each marker is there."""
        outbox = "SELECT id::text, topic, subject::text, sequence, body::json, published_at IS NOT NULL FROM outbox"
        self._outbox = house.all_rows(outbox)
        self.published = {row[1] for row in self._outbox}
        """The ids of all events of all services."""

    def require_right(self) -> None:
        """Fail with what is wrong."""
        assert self.lost() == []
        assert self.doubled() == []
        assert self.unfounded() == []
        assert self.untold() == []
        assert self.misnumbered() == []
        assert set(self._house.listener.received) == self.published
        assert self._house.listener.overtaken == []
        assert self.unhandled() == []
        assert self.wrong_notices() == []
        assert self.differing_copies() == []
        assert self.illegal_histories() == []

    def lost(self) -> list[str]:
        """Acknowledged and not there, among writes and claims."""
        writes = [marker for marker, told in self._ledger.told.items() if told is Told.ACKNOWLEDGED]
        owned = self._owned()
        claims = [f"claim {key}" for key, won in self._ledger.claims.won.items() if owned[key] < won]
        return [marker for marker in writes if not self.found[marker]] + claims

    def doubled(self) -> list[str]:
        """Asked for once and there more often."""
        claims = self._ledger.claims
        owned = self._owned()
        too_often = [f"claim {key}" for key, times in owned.items() if times > claims.won[key] + claims.unknown[key]]
        return [marker for marker, times in self.found.items() if times > 1] + too_often

    def unfounded(self) -> list[str]:
        """There, though the writer was told that nothing was done, or nobody asked for it."""
        told = self._ledger.told
        return [marker for marker in self.found if told.get(marker, Told.REFUSED) is Told.REFUSED]

    def untold(self) -> list[str]:
        """Changes without their event, and events without their change."""
        events: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for service, _, topic, subject, *_ in self._outbox:
            events[service, topic][subject] += 1
        differing = []
        for (service, topic), statement in _TOLD.items():
            changes = Counter(dict(self._house.rows(service, statement)))
            differing += [f"{topic} {subject}" for subject in _difference(changes, events[service, topic])]
        return differing

    def misnumbered(self) -> list[tuple[str, str]]:
        """Subjects whose events are not numbered 1, 2, 3 …, or in another order than they were written in."""
        numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
        for service, _, _, subject, sequence, *_ in self._outbox:
            numbers[service, subject].append(sequence)
        return [key for key, each in numbers.items() if sorted(each) != list(range(1, len(each) + 1))]

    def unhandled(self) -> list[str]:
        """Events that a handler has not worked on exactly once, by its inbox."""
        topics: dict[str, set[str]] = defaultdict(set)
        for _, event_id, topic, *_ in self._outbox:
            topics[topic].add(event_id)
        wrong = []
        for queue in all_queues():
            wanted = set().union(*(topics[topic] for topic in queue.topics))
            inbox = f"SELECT event_id::text FROM inbox WHERE handler = '{queue.method}'"  # noqa: S608  our own names
            done = Counter(row[0] for row in self._house.rows(queue.service, inbox))
            wrong += [f"{queue.name} {event_id}" for event_id in _difference(Counter(wanted), done)]
        return wrong

    def differing_copies(self) -> list[str]:
        """Rows of a projection that are not as their source has them, and those that are on one side alone."""
        wrong = []
        for (keeper, copy), (owner, source) in _COPIES:
            unlike = set(self._house.rows(keeper, copy)) ^ set(self._house.rows(owner, source))
            wrong += [f"{keeper} of {owner}: {row}" for row in unlike]
        return wrong

    def wrong_notices(self) -> list[str]:
        """People who were not told, or told twice, or of what is no news to them."""
        due = Counter(
            (event_id, person)
            for _, event_id, topic, _, _, body, _ in self._outbox
            if (person := _person_to_tell(topic, body)) is not None
        )
        told = Counter(self._house.rows("notify", "SELECT event_id::text, user_id::text FROM notices"))
        return [str(each) for each in _difference(due, told)]

    def illegal_histories(self) -> list[str]:
        """Customers whose holders have a gap, an overlap, or a move that can't be."""
        spans: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        past = "SELECT customer_id::text, number, since, until, began, ended, owner_id IS NULL FROM holding_spans"
        present = "SELECT customer_id::text, number, since, NULL, began, NULL, owner_id IS NULL FROM holdings"
        for customer_id, *span in sorted(self._house.rows("pool", past) + self._house.rows("pool", present)):
            spans[customer_id].append(tuple(span))
        return [customer_id for customer_id, each in spans.items() if not _is_legal(each)]

    def _owned(self) -> Counter[tuple[str, str]]:
        """How often each person got each customer by a claim."""
        stretches = (
            "SELECT customer_id::text, owner_id::text FROM holdings WHERE began = 'claimed' UNION ALL"
            " SELECT customer_id::text, owner_id::text FROM holding_spans WHERE began = 'claimed'"
        )
        return Counter((customer_id, owner_id) for customer_id, owner_id in self._house.rows("pool", stretches))


def all_queues() -> list[Queue]:
    """The queues of all handlers of all services."""
    return [queue for service in SERVICES for queue in queues_of(find(service))]


def _difference(one: Counter[Any], other: Counter[Any]) -> list[Any]:
    return [key for key in one.keys() | other.keys() if one[key] != other[key]]


def _person_to_tell(topic: str, event: dict[str, Any]) -> str | None:
    """Who is to be told of an event: whose reminder it is, or whose customer or sale others dealt with."""
    data = event["data"]
    if topic == "reminder.due":
        return str(data["owner_id"])
    person = {"holding.released": data.get("former_owner_id"), "opportunity.won": data.get("owner_id")}.get(topic)
    return None if person is None or event["actor"] == f"user:{person}" else str(person)


def _is_legal(spans: list[tuple[Any, ...]]) -> bool:
    numbers, sinces, untils, began, ended, pooled = zip(*spans, strict=True)
    joined = all(until == since for until, since in zip(untils[:-1], sinces[1:], strict=True))
    named = all(end == begin for end, begin in zip(ended[:-1], began[1:], strict=True))
    moves = {("claimed", True, False), ("released", False, True)}
    legal = all((to, a, b) in moves for to, (a, b) in zip(began[1:], pairwise(pooled), strict=True))
    forwards = all(since <= until for since, until in zip(sinces[:-1], untils[:-1], strict=True))
    return (
        numbers == tuple(range(1, len(spans) + 1)) and began[0] == "created" and joined and named and legal and forwards
    )
