"""Dictionaries: named lists of choices that people pick from."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.base import ABSENT, Message, Request
from contracts.values import Line, Value

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
"""What records and programs name something by: small letters, digits and `_`; it never changes."""


class Labels(Value):
    """What people read instead of a key, in each language of the suite; English stands in for the others."""

    en: Line
    zh: Line | None = None
    pl: Line | None = None


class DictionaryItem(Value):
    """One choice. An inactive one is offered no more, but stays where it was chosen."""

    key: Key
    labels: Labels
    active: bool = True


Items = Annotated[list[DictionaryItem], Field(max_length=500)]
"""The choices in the order in which they are offered."""


class Dictionary(Message):
    """A named list of choices."""

    id: UUID
    key: Key
    labels: Labels
    items: Items
    version: int
    created_at: datetime
    updated_at: datetime


class DictionaryList(Message):
    """All dictionaries (at most 200), by key."""

    items: list[Dictionary]


class ListDictionaries(Request[DictionaryList], to="customer"):
    """All dictionaries, for everybody."""


class GetDictionary(Request[Dictionary], to="customer"):
    """One dictionary. NotFound: dictionary.not_found."""

    dictionary_id: UUID


class CreateDictionary(Request[Dictionary], to="customer"):
    """Make a dictionary.

    NotPermitted: dictionary.admins_only. Conflict: dictionary.key_taken, dictionary.too_many (of 200). InvalidInput:
    dictionary.repeated_item.
    """

    key: Key
    labels: Labels
    items: Items = []


class DictionaryChanges(Message):
    """Fields to change, as a merge patch; `items` are all choices, in their new order."""

    labels: Labels = ABSENT
    items: Items = ABSENT


class UpdateDictionary(Request[Dictionary], to="customer"):
    """Change a dictionary; what was a choice once stays one, be it inactive.

    NotPermitted: dictionary.admins_only. NotFound: dictionary.not_found. Conflict: version.stale. InvalidInput:
    dictionary.item_missing, dictionary.repeated_item.
    """

    dictionary_id: UUID
    version: int
    changes: DictionaryChanges
