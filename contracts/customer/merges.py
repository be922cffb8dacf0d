"""Two customers that are one: merged, and taken apart again."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.base import Event, Message, Request
from contracts.customer.customers import Customer
from contracts.values import Actor, Limit, ShortText, Value

Side = Literal["survivor", "loser"]

ChosenField = Literal[
    "name",
    "legal_name",
    "registration_number",
    "website",
    "industry",
    "size",
    "founded_in",
    "parent_id",
    "birthday",
    "employer",
    "source",
    "level",
    "lifecycle",
    "do_not_contact",
    "note",
]
"""The fields of which the survivor has one: its own, or the loser's. Phones and the like are united."""


class MovedRecords(Value):
    """What hung from the loser in this service and hangs from the survivor; the other services move theirs."""

    contacts: int
    collaborators: int
    children: int
    """Companies that belong to it."""
    attachments: int = 0


class Merge(Message):
    """Two customers that are one; the loser's id leads to the survivor."""

    id: UUID | None
    """Null in a dry run, which leaves everything as it was."""
    survivor_id: UUID
    loser_id: UUID
    survivor: Customer
    """As it is now; in a dry run as it would be."""
    moved: MovedRecords
    reason: str
    by: Actor
    at: datetime
    undo_until: datetime
    undone_at: datetime | None


class MergeCustomers(Request[Merge], to="customer"):
    """Make two customers one: all that hangs from the loser, in all services, hangs from the survivor afterwards.

    Each field is the survivor's own, or the loser's where that is empty or `keep` says so; phones, e-mails, handles,
    addresses and tags are united. The survivor stays with its holder, or goes to `owner_id` or `pool_id`. The caller
    must be able to edit both.

    InvalidInput: merge.same_customer, merge.different_kinds (a company and a person), customer.owner_and_pool,
    customer.unknown_owner, customer.unknown_pool. Conflict: version.stale, merge.too_much (more phones, contacts and so
    on together than one customer may have). NotFound: customer.not_found, customer.merged (one of them was merged
    already). NotPermitted: customer.read_only, customer.foreign_owner, merge.owners_only (giving the survivor away is
    for who holds both, their managers and admins).
    """

    survivor_id: UUID
    loser_id: UUID
    survivor_version: int | None = None
    """The version that the caller read; any, when absent."""
    loser_version: int | None = None
    keep: dict[ChosenField, Side] = {}
    """Whose value a field gets, where that is not to be the first one that isn't empty."""
    owner_id: UUID | None = None
    """Who is to hold the survivor from now on."""
    pool_id: UUID | None = None
    """The pool that is to have it from now on."""
    reason: ShortText = ""
    dry_run: bool = False
    """Only show what would come of it."""


class GetMerge(Request[Merge], to="customer"):
    """One merge. NotFound: merge.not_found (also where the caller may not see the survivor)."""

    merge_id: UUID


class MergePage(Message):
    """A page of merges, latest first; `total` only when it was asked for."""

    items: list[Merge]
    next_cursor: str | None
    total: int | None = None


class ListMerges(Request[MergePage], to="customer"):
    """Merges, also undone ones, whose survivor the caller may see."""

    customer_id: UUID | None = None
    """Only those in which it survived or lost."""
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False


class UndoMerge(Request[Merge], to="customer"):
    """Take two customers apart again, within 30 days: each has what it had, and what came later stays where it is.

    Conflict: merge.undone, merge.too_late, merge.in_the_way (a later merge has to be undone first; `data` names it).
    NotFound: merge.not_found. NotPermitted: merge.read_only (the caller may not edit both).
    """

    merge_id: UUID


ContactIds = Annotated[list[UUID], Field(max_length=1_000)]


class CustomerMerged(Event, type="customer.merged", subject="loser_id"):
    """A customer was merged into another: what hung from the loser hangs from the survivor, in every service.

    With just one of `owner_id` and `pool_id` the survivor is given to them; holding.assigned tells once it is done.
    """

    merge_id: UUID
    survivor_id: UUID
    survivor_name: str
    loser_id: UUID
    loser_name: str
    loser_owner_id: UUID | None
    """Who held the loser."""
    owner_id: UUID | None
    """Who is to hold the survivor from now on."""
    pool_id: UUID | None
    """The pool that is to have the survivor from now on."""
    reason: str
    contact_ids: ContactIds
    """The contacts that moved to the survivor."""


class CustomerUnmerged(Event, type="customer.unmerged", subject="loser_id"):
    """A merge was undone: what hung from the loser before hangs from it again."""

    merge_id: UUID
    survivor_id: UUID
    loser_id: UUID
    contact_ids: ContactIds
    """The contacts that moved back to it."""
