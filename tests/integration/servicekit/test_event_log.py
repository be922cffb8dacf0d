"""The log of published events, read in stretches."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from contracts.errors import InvalidInput, NotPermitted
from contracts.log import EventLog, ListEvents
from contracts.pool.claims import HoldingClaimed
from contracts.pool.pools import PoolCreated
from contracts.values import Role
from deploy.local.servers import Server
from servicekit.database import Database, new_id
from servicekit.event_log import read
from servicekit.outbox import publish
from servicekit.testing import calling, migrated_database, process_named, user_of

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def database(database_server: Server) -> Iterator[Database]:
    """A pool service's database with an empty outbox."""
    with migrated_database("pool", database_server.url) as database:
        with database.transaction() as db:
            db.connection().exec_driver_sql("DELETE FROM outbox")
        yield database


def announce(database: Database, *names: str) -> None:
    """Write events: a name is a pool that was opened, `-` a claim."""
    with database.transaction() as db, calling(process_named("pool")):
        for name in names:
            if name == "-":
                publish(db, HoldingClaimed(customer_id=new_id(), customer_name="", owner_id=new_id(), pool_id=new_id()))
            else:
                publish(db, PoolCreated(pool_id=new_id(), name=name))


def mark(database: Database, minutes: int, *, names: Sequence[str] = ()) -> None:
    """What waits (or just the pools of these names) is published so many minutes after the beginning."""
    with database.transaction() as db:
        db.connection().exec_driver_sql(
            "UPDATE outbox SET published_at = %s WHERE published_at IS NULL"
            " AND (%s OR body::json #>> '{data,name}' = ANY(%s))",
            (BEGAN + timedelta(minutes=minutes), not names, list(names)),
        )


def log(database: Database, request: ListEvents) -> EventLog:
    """What an administrator reads."""
    with database.transaction() as db, calling(user_of(Role.ADMIN)):
        return read(db, request)


def names(found: EventLog) -> list[str]:
    """The pools' names, in the log's order."""
    return [item.event["data"].get("name", "-") for item in found.items]


class TestRead:
    def test_gives_events_in_the_order_of_publishing(self, database: Database) -> None:
        announce(database, "late", "early")
        mark(database, 1, names=["early"])
        mark(database, 2)
        assert names(log(database, ListEvents())) == ["early", "late"]

    def test_leaves_out_what_is_not_published_yet(self, database: Database) -> None:
        announce(database, "waiting")
        assert names(log(database, ListEvents())) == []

    def test_goes_on_where_the_last_stretch_ended(self, database: Database) -> None:
        announce(database, *"abcdefg")
        mark(database, 1)
        first = log(database, ListEvents(limit=3))
        second = log(database, ListEvents(limit=3, after=first.place))
        third = log(database, ListEvents(limit=3, after=second.place))
        assert [names(first), names(second), names(third)] == [list("abc"), list("def"), ["g"]]
        assert [first.more, second.more, third.more] == [True, True, False]

    def test_an_event_published_after_a_later_position_was_read_is_not_missed(self, database: Database) -> None:
        announce(database, "slow")
        announce(database, "quick")
        mark(database, 1, names=["quick"])
        before = log(database, ListEvents())
        mark(database, 2)
        assert names(log(database, ListEvents(after=before.place))) == ["slow"]

    def test_a_filter_that_matches_nothing_still_moves_on(self, database: Database) -> None:
        announce(database, "a", "b")
        mark(database, 1)
        found = log(database, ListEvents(topics=["order.*"]))
        assert (found.items, found.more) == ([], False)
        assert names(log(database, ListEvents(after=found.place))) == []

    @pytest.mark.parametrize(
        ("topics", "expected"),
        [
            (["pool.created"], ["a", "b"]),
            (["pool.*"], ["a", "b"]),
            (["*.claimed"], ["-"]),
            (["#"], ["a", "-", "b"]),
            (["pool.#"], ["a", "b"]),
            (["#.claimed", "pool.created"], ["a", "-", "b"]),
            (["pool"], []),
            (["*"], []),
        ],
    )
    def test_takes_patterns_as_the_broker_does(
        self, database: Database, topics: list[str], expected: list[str]
    ) -> None:
        announce(database, "a", "-", "b")
        mark(database, 1)
        assert names(log(database, ListEvents(topics=topics))) == expected

    def test_begins_at_a_time(self, database: Database) -> None:
        announce(database, "old")
        mark(database, 1)
        announce(database, "new")
        mark(database, 10)
        assert names(log(database, ListEvents(since=BEGAN + timedelta(minutes=5)))) == ["new"]

    def test_refuses_a_place_of_somebodys_own_making(self, database: Database) -> None:
        for made_up in ("x", "2026-13-40T00:00:00+00:00_1", "2026-01-01T00:00:00+00:00_x"):
            with pytest.raises(InvalidInput, match=r"place\.invalid"):
                log(database, ListEvents(after=made_up))

    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER])
    def test_is_not_for_reps_and_managers(self, database: Database, role: Role) -> None:
        with database.transaction() as db, calling(user_of(role)), pytest.raises(NotPermitted):
            read(db, ListEvents())
