"""The audit log: who did what to whom, when, and from where; written in the transaction of what it tells."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from contracts.identity.sessions import AuditActor, AuditEntry, AuditPage, ListAuditEntries
from servicekit import clock, context
from servicekit.context import caller
from servicekit.database import new_id
from services.identity import models, queries, rules

_FORGOTTEN_AT_ONCE = 1_000


def record(
    db: Session,
    action: str,
    *,
    target: UUID | None = None,
    details: dict[str, Any] | None = None,
    actor: models.User | None = None,
) -> None:
    """Add an entry, e.g. `user.created`; `details` never hold a secret.

    Whoever calls is the actor, unless a user is named who proved who they are without a token.
    """
    work = context.current()
    entry = models.AuditEntry(
        id=new_id(),
        at=clock.now(),
        action=action,
        target=target,
        details=details or {},
        address=work.address or None,
        request_id=work.request_id,
    )
    if actor is not None:
        entry.actor_kind, entry.actor_id, entry.actor_name = "user", str(actor.id), actor.full_name
    elif work.caller is not None:
        entry.actor_kind, entry.actor_id, entry.actor_name = work.caller.kind, work.caller.id, work.caller.name
    db.add(entry)


def list_entries(db: Session, request: ListAuditEntries) -> AuditPage:
    """A page of the log."""
    rules.require_auditor(caller())
    entries, next_cursor = queries.audit_page(db, request)
    return AuditPage(items=[_listed(entry) for entry in entries], next_cursor=next_cursor)


def forget_old(db: Session) -> bool:
    """Delete what is past its 400 days; True when there may be more."""
    old = queries.audit_entries_until(clock.now() - rules.AUDIT_KEPT, limit=_FORGOTTEN_AT_ONCE)
    entry = models.AuditEntry.id
    gone = db.scalars(delete(models.AuditEntry).where(entry.in_(old)).returning(entry)).all()
    return len(gone) == _FORGOTTEN_AT_ONCE


def _listed(entry: models.AuditEntry) -> AuditEntry:
    told = {name: getattr(entry, name) for name in AuditEntry.model_fields if name != "actor"}
    actor = {"kind": entry.actor_kind, "id": entry.actor_id, "name": entry.actor_name}
    return AuditEntry(**told, actor=AuditActor.model_validate(actor) if entry.actor_kind else None)
