"""The tables that messages need in each service's database: outbox and counters, inbox, retries, kept answers."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.engine import Connection

from servicekit.database import new_metadata

METADATA = new_metadata()

outbox = Table(
    "outbox",
    METADATA,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("topic", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("body", Text, nullable=False, comment="the whole CloudEvent, as it is sent"),
    Column("published_at", DateTime(timezone=True)),
    Index("ix_outbox_unpublished", "position", postgresql_where=text("published_at IS NULL")),
    Index("ix_outbox_published", "published_at", "position", postgresql_where=text("published_at IS NOT NULL")),
)
"""Events of this service: unpublished ones wait for the relay, published ones are the log."""

outbox_sequence = Table(
    "outbox_sequence",
    METADATA,
    Column("subject", Uuid, primary_key=True),
    Column("last", BigInteger, nullable=False),
)
"""The last sequence given to each subject; its row lock puts the writers about one subject in order."""

inbox = Table(
    "inbox",
    METADATA,
    Column("event_id", Uuid, primary_key=True),
    Column("handler", Text, primary_key=True),
    Column("processed_at", DateTime(timezone=True), nullable=False, index=True),
)
"""What each handler has done; a row commits together with the handler's effects."""

event_retry = Table(
    "event_retry",
    METADATA,
    Column("event_id", Uuid, primary_key=True),
    Column("handler", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("attempts", Integer, nullable=False, comment="0: none yet, it waits behind an earlier event"),
    Column("error", Text, nullable=False),
    Column("next_attempt_at", DateTime(timezone=True), nullable=False),
    Column("parked_at", DateTime(timezone=True)),
    Index("ix_event_retry_due", "next_attempt_at", postgresql_where=text("parked_at IS NULL")),
    Index(
        "ix_event_retry_waiting",
        *("handler", "subject", "source", "sequence"),
        postgresql_where=text("parked_at IS NULL"),
    ),
)
"""Events that a handler failed on and that are tried again, or parked for a person to decide."""

idempotency_keys = Table(
    "idempotency_keys",
    METADATA,
    Column("caller", Text, primary_key=True),
    Column("key_hash", LargeBinary, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False, comment="HMAC by the key over the method and the request"),
    Column("reply", LargeBinary, comment="as it was sent; none where it holds a secret"),
    Column("created_at", DateTime(timezone=True), nullable=False, index=True),
)
"""What was answered to requests that may come again; a row commits together with the request's effects."""


def create_messaging_tables() -> None:
    """Make them; called once, in the first migration of each service.

    A later change to these tables is a migration in every service, written to pass on tables that have it already.
    """
    METADATA.create_all(_migrated(), checkfirst=False)


def create_idempotency_keys() -> None:
    """Make that table where it was not made together with the others."""
    idempotency_keys.create(_migrated(), checkfirst=True)


def _migrated() -> Connection:
    """The connection of the migration that runs."""
    from alembic import op  # here, for it takes 0.2 s of CPU to import, and only migrations need it

    return op.get_bind()
