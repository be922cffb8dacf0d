"""A request that is repeated under its key takes effect once and is answered the same; docs/decisions/0007."""

import hmac
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.base import Request
from contracts.errors import Conflict, InvalidInput
from servicekit import clock, context
from servicekit.messaging_tables import idempotency_keys

KEPT = timedelta(hours=24)
_FORGOTTEN_AT_ONCE = 1_000
_AGAIN_SECONDS = 1.0


def once(db: Session, request: Request[Any], key: str, work: Callable[[], bytes]) -> bytes:
    """What `work` answers, or answered when this caller first sent this request under this key.

    Conflict: idempotency.in_progress, idempotency.answer_not_kept. InvalidInput: idempotency.key_reused.
    """
    caller = context.current().caller
    if not key or caller is None:
        return work()
    whose = f"{caller.kind}:{caller.id}"
    if not db.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"{whose} {key}", 0)))):
        raise Conflict(
            "idempotency.in_progress", "The first request with this key is still worked on.", retry_after=_AGAIN_SECONDS
        )
    key_hash, fingerprint = sha256(key.encode()).digest(), _fingerprint(request, key)
    mine = (_TABLE.caller == whose, _TABLE.key_hash == key_hash, _TABLE.created_at > _oldest())
    found = db.execute(_ANSWERED.where(*mine)).first()
    if found is not None:
        return _answered(found.fingerprint, found.reply, fingerprint)
    reply = work()
    kept = {"fingerprint": fingerprint, "reply": None if request.shown_once else reply, "created_at": clock.now()}
    row = insert(idempotency_keys).values(caller=whose, key_hash=key_hash, **kept)
    db.execute(row.on_conflict_do_update(index_elements=["caller", "key_hash"], set_=kept))  # one that is past its day
    return reply


def forget(db: Session) -> bool:
    """Delete what is past its day; True when there may be more."""
    old = select(_TABLE.caller, _TABLE.key_hash).where(_TABLE.created_at <= _oldest()).limit(_FORGOTTEN_AT_ONCE)
    gone = db.execute(
        delete(idempotency_keys).where(
            tuple_(_TABLE.caller, _TABLE.key_hash).in_(old.with_for_update(skip_locked=True))
        )
    )
    return gone.rowcount == _FORGOTTEN_AT_ONCE  # type: ignore[attr-defined, no-any-return]  # a DELETE has one


_TABLE = idempotency_keys.c
_ANSWERED = select(_TABLE.fingerprint, _TABLE.reply)


def _oldest() -> Any:
    return clock.now() - KEPT


def _fingerprint(request: Request[Any], key: str) -> bytes:
    """By the key, which is kept nowhere in clear: the request may hold a password that somebody could try to guess."""
    said = f"{request.service}.{request.method} {request.model_dump_json(exclude_unset=True)}"
    return hmac.digest(key.encode(), said.encode(), sha256)


def _answered(before: bytes, reply: bytes | None, fingerprint: bytes) -> bytes:
    if not hmac.compare_digest(before, fingerprint):
        raise InvalidInput("idempotency.key_reused", "This key was used for another request; take a fresh one.")
    if reply is None:
        raise Conflict(
            "idempotency.answer_not_kept", "This was done, and what it answered held a secret that is shown once only."
        )
    return bytes(reply)
