"""API keys: made, listed, revoked, and exchanged for tokens that every process can check by itself."""

from typing import Any

from sqlalchemy.orm import Session

from contracts.errors import Conflict
from contracts.identity.api_keys import (
    ApiKey,
    ApiKeyPage,
    CreateApiKey,
    ExchangeApiKey,
    GetApiKey,
    ListApiKeys,
    NewApiKey,
    RevokeApiKey,
)
from contracts.identity.sessions import AccessToken
from servicekit import clock
from servicekit.context import caller
from servicekit.database import flush_unique, new_id
from services.identity import api_keys, models, queries, rules
from services.identity.issuer import Issuer
from services.identity.operations import auditing


def create(db: Session, request: CreateApiKey) -> NewApiKey:
    """Make a key; the answer is the only place where it stands in clear."""
    rules.require_founder(caller())
    now = clock.now()
    rules.check_last_day(request.expires_on, now)
    rules.check_room_for_key(queries.lock_and_count_keys(db))
    secret = api_keys.new(new_id())
    record = models.ApiKey(
        id=secret.id,
        name=request.name,
        key_hash=secret.hash,
        scopes=sorted(set(request.scopes)),
        created_by=caller().name,
        created_at=now,
        expires_on=request.expires_on,
    )
    db.add(record)
    taken = Conflict("api_key.name_taken", "There is an API key of this name already. Revoke it, or take another name.")
    flush_unique(db, "uq_api_keys_name", taken)
    auditing.record(db, "api_key.created", target=record.id, details=_told(record))
    return NewApiKey(**_listed(record).model_dump(), key=secret.text)


def list_keys(db: Session, request: ListApiKeys) -> ApiKeyPage:
    """A page of keys."""
    rules.require_key_reader(caller())
    records, next_cursor = queries.keys_page(db, request)
    return ApiKeyPage(items=[_listed(record) for record in records], next_cursor=next_cursor)


def get(db: Session, request: GetApiKey) -> ApiKey:
    """One key."""
    rules.require_key_reader(caller())
    return _listed(queries.known_key(db, request.key_id))


def revoke(db: Session, request: RevokeApiKey) -> ApiKey:
    """End a key; one that has ended keeps its day."""
    rules.require_founder(caller())
    record = queries.key_to_revoke(db, request.key_id)
    if record.revoked_at is None:
        record.revoked_at = clock.now()
        auditing.record(db, "api_key.revoked", target=record.id, details=_told(record))
    return _listed(record)


def exchange(db: Session, request: ExchangeApiKey, issuer: Issuer) -> AccessToken:
    """A token for a key; the day of it is noted down, once a day."""
    secret, now = api_keys.read(request.key), clock.now()
    record = queries.key(db, secret.id) if secret else None
    if record is None or secret is None or not secret.is_kept_as(record.key_hash):
        raise rules.invalid_key()
    seconds = rules.key_token_seconds(record.revoked_at, record.expires_on, now)
    queries.note_use(db, record.id, now.date())
    return issuer.token_for_key(record, seconds=seconds)


def _told(record: models.ApiKey) -> dict[str, Any]:
    return {"name": record.name, "scopes": record.scopes}


def _listed(record: models.ApiKey) -> ApiKey:
    return ApiKey.model_validate(record, from_attributes=True)
