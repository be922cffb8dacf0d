"""What tests of services share: a database built by the real migrations, and callers of every role."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import sqlalchemy
from sqlalchemy.engine import make_url

from contracts.base import Event, Received
from contracts.errors import CallError
from contracts.values import Actor, Role
from servicekit import clock
from servicekit.cloudevents import source_of
from servicekit.context import Caller, Work, working
from servicekit.database import Database, new_id
from servicekit.migrations import migrate
from servicekit.settings import Settings


@contextmanager
def migrated_database(service: str, server_url: str, **settings_given: Any) -> Iterator[Database]:
    """A fresh database of this service on that server, migrated; dropped at the end."""
    base = urlunsplit(urlsplit(server_url)._replace(path=f"/test_{new_id().hex}"))
    settings = Settings(database_url=base, **settings_given)
    migrate(settings, service)
    database = Database(settings, service)
    try:
        yield database
    finally:
        database.close()
        _drop(database.url)


def user_of(role: Role, *, user_id: UUID | None = None, name: str = "Ada", **facts: Any) -> Caller:
    """Somebody of this role who is signed in, or a program; `facts` are further fields of Caller."""
    kind = "integration" if role is Role.INTEGRATION else "user"
    return Caller(id=str(user_id or new_id()), name=name, kind=kind, role=role, **facts)


def process_named(name: str) -> Caller:
    """A process that calls on its own behalf."""
    return Caller(id=name, name=name, kind="system")


@contextmanager
def calling(caller: Caller) -> Iterator[Caller]:
    """Do the enclosed on behalf of this caller."""
    with working(Work(caller=caller)):
        yield caller


def received(event: Event, *, actor: Actor, sequence: int = 1) -> Received[Any]:
    """An event as a handler gets it, just made by this actor."""
    return Received[Any](
        id=new_id(),
        source=source_of(type(event)),
        type=event.wire_type(),
        subject=event.subject,
        time=clock.now(),
        sequence=sequence,
        actor=actor,
        data=event,
    )


@contextmanager
def refused(kind: type[CallError], code: str) -> Iterator[None]:
    """Expect the enclosed to be refused with an error of this kind and this code."""
    try:
        yield
    except kind as error:
        if error.code != code:
            raise
    else:
        raise AssertionError(f"was not refused with {code}")


def wait_until(condition: Callable[[], object], *, seconds: float = 20) -> None:
    """Return as soon as the condition holds; AssertionError when it still does not after so many seconds."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"still not so after {seconds:.0f} s"  # noqa: S101  for tests alone
        time.sleep(0.02)


def rows(database: Database, *tables: str) -> dict[str, list[dict[str, Any]]]:
    """All that stands in these tables, as it stands."""
    row = sqlalchemy.func.to_jsonb(sqlalchemy.literal_column("kept"))
    with database.transaction() as db:
        return {
            table: list(
                db.scalars(sqlalchemy.select(row).select_from(sqlalchemy.table(table).alias("kept")).order_by(row))
            )
            for table in tables
        }


def _drop(url: str) -> None:
    target = make_url(url)
    server = sqlalchemy.create_engine(target.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        name = server.dialect.identifier_preparer.quote(str(target.database))
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()
