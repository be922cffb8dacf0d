"""Custom fields: what a company keeps of its customers beside what every company does."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import ABSENT, Message, Request
from contracts.customer.custom_values import CustomValue
from contracts.customer.customers import Kind
from contracts.customer.dictionaries import Key, Labels
from contracts.values import Role


class FieldType(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    USER = "user"
    CUSTOMER = "customer"
    FILE = "file"
    """The id of a file; the file itself is kept elsewhere."""


Roles = Annotated[list[Role], Field(max_length=len(Role))]
Position = Annotated[int, Field(ge=0, le=10_000)]


class CustomFieldSettings(Message):
    """What an admin decides about a custom field. Admins see and edit all of them."""

    labels: Labels
    type: FieldType
    dictionary_id: UUID | None = None
    """Where the choices of a choice or multi_choice come from."""
    required: bool = False
    """A new customer must have it, if its writer may write it; it can't be cleared."""
    unique: bool = False
    """No two customers have the same value, in any case and with any blanks."""
    searchable: bool = False
    """Fragments of three characters and more are found by `q`; for a text that every role sees."""
    default: CustomValue = None
    """What a new customer gets where nothing is said."""
    visible_to: Roles = list(Role)
    editable_by: Roles = [Role.REP, Role.MANAGER, Role.ADMIN, Role.INTEGRATION]
    position: Position = 0
    """Fields are shown in this order."""


class CustomField(CustomFieldSettings):
    """A field of its own making. An inactive one is shown where it has a value, and not written any more."""

    id: UUID
    kind: Kind
    key: Key
    active: bool
    in_use: bool
    """Some customer has, or had, a value: key, type, dictionary, `unique` and `searchable` stay as they are."""
    version: int
    created_at: datetime
    updated_at: datetime


class CustomFieldList(Message):
    """Custom fields (at most 100 of a kind of customer), by kind and in the order in which they are shown."""

    items: list[CustomField]


class ListCustomFields(Request[CustomFieldList], to="customer"):
    """The custom fields that the caller sees."""

    kind: Kind | None = None


class GetCustomField(Request[CustomField], to="customer"):
    """One custom field. NotFound: custom_field.not_found (also for one the caller may not see)."""

    custom_field_id: UUID


class CreateCustomField(Request[CustomField], CustomFieldSettings, to="customer"):
    """Add a custom field to companies or to people; a key has the same type for both.

    NotPermitted: custom_field.admins_only. Conflict: custom_field.key_taken, custom_field.too_many (of 100),
    custom_field.other_type (the key's for the other kind). InvalidInput: custom_field.dictionary (a choice needs one,
    others have none), custom_field.not_unique (this type), custom_field.not_searchable, custom_field.editors_see (who
    edits it must see it), custom_field.no_default (of this field), custom.invalid, custom.unknown_choice.
    """

    kind: Kind
    key: Key


class CustomFieldChanges(Message):
    """Fields to change, as a merge patch."""

    key: Key = ABSENT
    labels: Labels = ABSENT
    type: FieldType = ABSENT
    dictionary_id: UUID | None = None
    required: bool = ABSENT
    unique: bool = ABSENT
    searchable: bool = ABSENT
    default: CustomValue = None
    visible_to: Roles = ABSENT
    editable_by: Roles = ABSENT
    position: Position = ABSENT
    active: bool = ABSENT


class UpdateCustomField(Request[CustomField], to="customer"):
    """Change a custom field. It is never removed: `active: false` keeps old values readable and takes no new ones.

    NotPermitted: custom_field.admins_only. NotFound: custom_field.not_found. Conflict: version.stale,
    custom_field.in_use (what must stay as it is), custom_field.key_taken, custom_field.other_type. InvalidInput:
    custom_field.dictionary, custom_field.not_unique, custom_field.not_searchable, custom_field.editors_see,
    custom_field.no_default, custom.invalid, custom.unknown_choice.
    """

    custom_field_id: UUID
    version: int
    changes: CustomFieldChanges
