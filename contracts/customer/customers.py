"""Companies and people: their fields, how they are found and changed, and what is announced of them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.base import ABSENT, Event, Message, Request
from contracts.customer.collaborators import Collaboration
from contracts.customer.custom_values import Custom, CustomFilters
from contracts.customer.matches import DuplicateMatch
from contracts.customer.scores import Score
from contracts.values import (
    Day,
    Lifecycle,
    Limit,
    Line,
    Moment,
    Owner,
    PoolRef,
    ShortText,
    Text,
    UserRef,
    Value,
)

Kind = Literal["company", "person"]


class CustomerSort(StrEnum):
    """The orders a list of customers comes in; `-` means descending."""

    NAME = "name"
    NEWEST = "-created_at"
    RECENTLY_UPDATED = "-updated_at"
    HIGHEST_SCORE = "-score"


class Phone(Value):
    """A phone as it was written, and in E.164 once read (readers get both; writers send `number`)."""

    number: Line
    e164: str | None = None
    label: ShortText = ""
    primary: bool = False


class Email(Value):
    """An e-mail address, kept normalised."""

    address: Line
    label: ShortText = ""
    primary: bool = False


class Handle(Value):
    """An account elsewhere: WeChat, WhatsApp, LinkedIn …"""

    network: Line
    name: Line


class Address(Value):
    """A postal address."""

    label: ShortText = ""
    street: ShortText = ""
    city: ShortText = ""
    region: ShortText = ""
    postal_code: ShortText = ""
    country: ShortText = ""


Phones = Annotated[list[Phone], Field(max_length=20)]


Emails = Annotated[list[Email], Field(max_length=20)]


Handles = Annotated[list[Handle], Field(max_length=20)]


Addresses = Annotated[list[Address], Field(max_length=20)]


Tags = Annotated[list[Line], Field(max_length=50)]


Level = Annotated[str, Field(pattern=r"^[A-Z]$")]


class CustomerFields(Message):
    """The fields a customer's writer may give; companies and people each have a few of their own."""

    name: Line
    """A company's everyday name, or a person's full name."""
    legal_name: Line | None = None
    registration_number: Line | None = None
    website: Line | None = None
    industry: Line | None = None
    size: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    """Employees."""
    founded_in: Annotated[int, Field(ge=1000, le=2100)] | None = None
    parent_id: UUID | None = None
    """The company this one belongs to."""
    birthday: Day | None = None
    employer: Line | None = None
    phones: Phones = []
    emails: Emails = []
    handles: Handles = []
    addresses: Addresses = []
    source: Line | None = None
    level: Level | None = None
    lifecycle: Lifecycle = Lifecycle.LEAD
    junk_reason: Line | None = None
    """Why it is junk; only while its lifecycle says so."""
    tags: Tags = []
    do_not_contact: bool = False
    note: Text = ""
    custom: Custom = {}
    """The values of custom fields, those that the reader's role sees."""


class Customer(CustomerFields):
    """A customer whole. Exactly one of `owner` and `pool` is set: somebody holds it, or a pool does."""

    id: UUID
    kind: Kind
    owner: UserRef | None
    pool: PoolRef | None
    score: Score | None = None
    """None only of one that an older release added, for the minutes until it is scored."""
    version: int
    created_at: datetime
    updated_at: datetime
    duplicates: list[DuplicateMatch] | None = None
    """Told to who adds or changes a customer: others that may be the same."""


class CreateCustomer(Request[Customer], CustomerFields, to="customer"):
    """Add a customer: held at once with `owner_id`, waiting in a pool with `pool_id`, its creator's with neither.

    InvalidInput: customer.owner_and_pool, customer.unknown_owner, customer.unknown_pool, customer.unknown_parent,
    customer.company_field (only a company has it), customer.person_field (only a person has it), phone.invalid,
    phone.repeated, phone.several_primary, email.invalid, email.repeated, email.several_primary, website.invalid,
    customer.junk_reason_required, customer.not_junk (and has no reason to be), custom.unknown_field,
    custom.read_only (for this role), custom.required, custom.invalid, custom.unknown_choice, custom.unknown_user,
    custom.unknown_customer.
    NotPermitted: customer.writers_only (auditors, API keys), customer.foreign_owner (a rep giving it to someone else, a
    manager to someone of another department), customer.foreign_parent (a parent that the caller may not edit),
    customer.no_override (a reason of somebody whose reasons don't count). Conflict: customer.duplicate (it is there
    already; `data.matches` lists who holds it, as DuplicateMatch), custom.taken (a unique field's value).
    """

    kind: Kind
    owner_id: UUID | None = None
    pool_id: UUID | None = None
    despite_duplicates: Line | None = None
    """Why it is to be added although it seems to be there already."""


class GetCustomer(Request[Customer], to="customer"):
    """One customer. NotFound: customer.not_found (also for one the caller may not see), customer.merged."""

    customer_id: UUID


class CustomerChanges(Message):
    """Fields to change, as a merge patch: an absent one stays, null clears, a list replaces the list."""

    name: Line = ABSENT
    legal_name: Line | None = None
    registration_number: Line | None = None
    website: Line | None = None
    industry: Line | None = None
    size: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    founded_in: Annotated[int, Field(ge=1000, le=2100)] | None = None
    parent_id: UUID | None = None
    birthday: Day | None = None
    employer: Line | None = None
    phones: Phones = ABSENT
    emails: Emails = ABSENT
    handles: Handles = ABSENT
    addresses: Addresses = ABSENT
    source: Line | None = None
    level: Level | None = None
    lifecycle: Lifecycle = ABSENT
    junk_reason: Line | None = None
    tags: Tags = ABSENT
    do_not_contact: bool = ABSENT
    note: Text = ABSENT
    custom: Custom = ABSENT
    """Only the values to change; null clears one."""
    despite_duplicates: Line | None = None
    """No field of the customer: as in CreateCustomer."""


class UpdateCustomer(Request[Customer], to="customer"):
    """Change a customer.

    Conflict: version.stale, custom.taken, lifecycle.not_allowed (`data.allowed` names the stages that it may go to),
    lead.not_qualified (a rep moving a lead on while items of its checklist are open; `data.open` names them),
    customer.duplicate (as in CreateCustomer, where the change makes it like another). NotFound: customer.not_found,
    customer.merged (`data.survivor_id` is what to change instead).
    NotPermitted: customer.read_only, customer.foreign_parent (a parent that the caller may not edit),
    customer.no_override. InvalidInput: customer.parent_cycle, customer.unknown_parent, customer.company_field (only a
    company has it), customer.person_field (only a person has it), phone.invalid, phone.repeated,
    phone.several_primary, email.invalid, email.repeated, email.several_primary, website.invalid,
    customer.junk_reason_required, customer.not_junk (and has no reason to be), custom.unknown_field, custom.read_only
    (for this role), custom.required, custom.invalid, custom.unknown_choice, custom.unknown_user,
    custom.unknown_customer.
    """

    customer_id: UUID
    version: int
    changes: CustomerChanges


class CustomerPage(Message):
    """A page of customers; `total` only when it was asked for."""

    items: list[Customer]
    next_cursor: str | None
    total: int | None = None


class ListCustomers(Request[CustomerPage], to="customer"):
    """Customers the caller may see. `q` finds a part of a name, a phone in any writing, an e-mail, a searchable field.

    InvalidInput: custom.unknown_field (or one hidden from the caller), custom.invalid_filter. NotPermitted:
    customer.managers_only (deleted ones, for reps).
    """

    q: Line | None = None
    kind: Kind | None = None
    owner_id: Owner | None = None
    pool_id: UUID | None = None
    parent_id: UUID | None = None
    """Those that belong to this company directly."""
    lifecycle: Lifecycle | None = None
    level: Level | None = None
    tag: Line | None = None
    custom: CustomFilters = []
    updated_since: Moment | None = None
    deleted: bool = False
    """Those that were deleted, instead of those that are there; for managers and who sees all."""
    sort: CustomerSort = CustomerSort.NAME
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False


class CustomerSnapshot(Event):
    """What events about a customer tell: the facts other services keep."""

    customer_id: UUID
    kind: Kind
    name: str
    lifecycle: Lifecycle
    level: str | None
    """A letter, `A` to `Z`."""
    tags: list[str]


class CustomerCreated(CustomerSnapshot, type="customer.created", subject="customer_id"):
    """A customer was added; says who holds it from the start: just one of `owner_id` and `pool_id` is set."""

    owner_id: UUID | None
    pool_id: UUID | None


class CustomerUpdated(CustomerSnapshot, type="customer.updated", subject="customer_id"):
    """Fields of a customer changed; `changed` names all, also those that the event leaves out."""

    changed: list[str]
    collaborators: list[Collaboration] | None = None
    """Those of now; absent in events of older versions."""


class CustomerLifecycleChanged(Event, type="customer.lifecycle_changed", subject="customer_id"):
    """A customer moved to another lifecycle stage."""

    customer_id: UUID
    before: Lifecycle
    after: Lifecycle
