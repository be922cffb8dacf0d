"""Dictionaries: read by all, made and changed by admins."""

from sqlalchemy.orm import Session

from contracts.customer.dictionaries import (
    CreateDictionary,
    Dictionary,
    DictionaryList,
    GetDictionary,
    ListDictionaries,
    UpdateDictionary,
)
from contracts.errors import Conflict
from servicekit import clock
from servicekit.context import caller
from servicekit.database import flush_unique, new_id
from servicekit.records import apply_changes, check_version
from services.customer import models
from services.customer.queries import dictionaries as queries
from services.customer.rules import dictionaries as rules
from services.customer.rules import rights

MOST = 200
"""Dictionaries that a company may have: all are listed at once."""


def list_dictionaries(db: Session, _request: ListDictionaries) -> DictionaryList:
    """All of them."""
    return DictionaryList(items=queries.dictionaries(db))


def get(db: Session, request: GetDictionary) -> Dictionary:
    """One of them."""
    return queries.as_dictionary(queries.dictionary(db, request.dictionary_id))


def create(db: Session, request: CreateDictionary) -> Dictionary:
    """Make a dictionary."""
    rights.check_admin(caller().role, code="dictionary.admins_only")
    rules.check_items(request.items)
    if queries.count_dictionaries(db) >= MOST:
        raise Conflict("dictionary.too_many", f"A company has at most {MOST} dictionaries; use one of them.")
    now = clock.now()
    given = {name: getattr(request, name) for name in CreateDictionary.model_fields}
    record = models.Dictionary(id=new_id(), **given, created_at=now, updated_at=now)
    db.add(record)
    taken = Conflict("dictionary.key_taken", "There is a dictionary of this key already; take another key.")
    flush_unique(db, "uq_dictionaries_key", taken)
    return queries.as_dictionary(record)


def update(db: Session, request: UpdateDictionary) -> Dictionary:
    """Change the fields that a merge patch names."""
    rights.check_admin(caller().role, code="dictionary.admins_only")
    record = queries.dictionary(db, request.dictionary_id)
    check_version(record, request.version)
    if "items" in request.changes.model_fields_set:
        rules.check_items(request.changes.items, before=[item.key for item in record.items])
    if apply_changes(record, request.changes):
        record.updated_at = clock.now()
    db.flush()
    return queries.as_dictionary(record)
