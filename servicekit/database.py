"""A service's own PostgreSQL database: sessions that don't block the event loop, with a limit on every wait.

psycopg2 is green by itself once eventlet has patched the process (servicekit.run does so first of all), so each
green thread waits for its own query while the others go on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import eventlet
import psycopg2
from sqlalchemy import DateTime, Engine, MetaData, Text, Uuid, create_engine, event
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import QueuePool
from uuid_utils.compat import uuid7

from contracts.errors import CallError, Unavailable
from servicekit.records import stale
from servicekit.settings import Settings

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


COLUMN_TYPES: dict[Any, Any] = {
    datetime: DateTime(timezone=True),
    dict[str, Any]: JSONB,
    list[Any]: JSONB,
    list[dict[str, Any]]: JSONB,
    list[str]: ARRAY(Text),
    list[UUID]: ARRAY(Uuid),
}
"""How annotations of a model become columns; each service's own Base takes it as its type_annotation_map."""


def new_metadata() -> MetaData:
    """A fresh set of tables whose constraints are named by rule, so that migrations can name them too."""
    return MetaData(naming_convention=_NAMES)


def new_id() -> UUID:
    """A fresh UUIDv7: ids of later records are larger, which keeps their indexes dense."""
    return uuid7()


def flush_unique(db: Session, constraint: str, taken: CallError) -> None:
    """Write now, and raise `taken` where the named unique constraint forbids it.

    The database alone can tell whether somebody else took the value at the same moment.
    """
    try:
        db.flush()
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) == constraint:
            raise taken from None
        raise


class Database:
    """The engine of one service's database and the transactions on it."""

    def __init__(self, settings: Settings, service: str) -> None:
        self.url = settings.database_url_of(service)
        self.engine = _engine(settings, self.url, service)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end of the block and rolls back on any error.

        A database that is away or too slow is raised as Unavailable, not as a driver's error.
        """
        try:
            with self._sessions.begin() as session:
                yield session
        except StaleDataError:
            raise stale() from None
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise _unavailable(error) from error

    @property
    def connections_in_use(self) -> int:
        """How many connections of this process are at work."""
        return cast(QueuePool, self.engine.pool).checkedout()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _engine(settings: Settings, url: str, service: str) -> Engine:
    limits = {
        "statement_timeout": settings.statement_timeout_seconds,
        "lock_timeout": settings.lock_timeout_seconds,
        "idle_in_transaction_session_timeout": settings.statement_timeout_seconds * 3,
    }
    engine = create_engine(
        url,
        pool_size=settings.database_connections,
        max_overflow=0,
        pool_timeout=settings.connect_timeout_seconds,
        pool_pre_ping=False,
        connect_args={
            "connect_timeout": max(1, round(settings.connect_timeout_seconds)),
            "application_name": f"crm {service}",
            "options": " ".join(["-c timezone=UTC", *(f"-c {name}={round(s * 1000)}" for name, s in limits.items())]),
        },
    )

    @event.listens_for(engine, "do_connect")
    def _connect(dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        # In green mode libpq's own connect_timeout does not count: a server that accepts but never answers would hang.
        timed_out = psycopg2.OperationalError("the database did not answer")
        with eventlet.Timeout(settings.connect_timeout_seconds, timed_out):
            return dialect.connect(*arguments, **options)

    return engine


def _unavailable(error: Exception) -> Unavailable:
    code = getattr(getattr(error, "orig", None), "pgcode", None)
    if code == "57014":
        return Unavailable("database.slow", "The database took too long.", retry_after=1)
    if code in {"55P03", "40P01", "40001"}:
        return Unavailable("database.busy", "The record is being changed by others; try again.", retry_after=1)
    return Unavailable("database.unavailable", "The database can't be reached.", retry_after=2)
