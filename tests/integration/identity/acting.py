"""Steps that several of identity's tests take: people, their sessions, requests from wherever they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.identity.sessions import AccessToken
from contracts.identity.users import CreateUser, User
from servicekit.context import Caller, Work, working
from servicekit.database import Database, new_id
from servicekit.testing import calling, process_named
from services.identity import models
from services.identity.issuer import Issuer
from services.identity.operations import people, sessions

HOME, OFFICE = "203.0.113.7", "198.51.100.9"


def somebody(database: Database, **fields: Any) -> User:
    """Somebody with a name that no other test uses."""
    given = {"name": f"ada-{new_id().hex}", "full_name": "Ada Lovelace", **fields}
    with calling(process_named("cli")), database.transaction() as db:
        return people.create_user(db, CreateUser.model_validate(given))


@contextmanager
def at(database: Database, address: str, caller: Caller | None = None) -> Iterator[Session]:
    """A transaction of a request that came from this address."""
    with working(Work(caller=caller, address=address, request_id="request-1")), database.transaction() as db:
        yield db


def signed_in(database: Database, issuer: Issuer, user: User, *, address: str = HOME) -> AccessToken:
    """Both tokens of a fresh session; without the quarter of a second that a password takes."""
    with at(database, address) as db:
        return sessions.begin(db, db.get_one(models.User, user.id), issuer)


def audited(database: Database, user: User) -> list[models.AuditEntry]:
    """What the audit log says of a person, in order."""
    with database.transaction() as db:
        entries = select(models.AuditEntry).where(models.AuditEntry.target == user.id).order_by(models.AuditEntry.id)
        return list(db.scalars(entries).all())
