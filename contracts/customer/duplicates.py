"""Duplicates: the check before a customer is added, what it may refuse, and the pairs that are suspected."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.base import ABSENT, Message, Request
from contracts.customer.customers import Emails, Kind, Phones
from contracts.customer.matches import DuplicateMatch, Reason, Score
from contracts.values import Actor, Day, Limit, Line, Moment, Role, Value


class Verdict(StrEnum):
    """How sure a check is."""

    EXACT = "exact"
    """Somebody has the same phone, e-mail or registration number."""
    PROBABLE = "probable"
    NONE = "none"


class DuplicateCheck(Message):
    """What a check found: at most 20 customers, the most alike first."""

    verdict: Verdict
    matches: list[DuplicateMatch]


class CheckDuplicates(Request[DuplicateCheck], to="customer"):
    """Look for customers that may be the same as this one. Nothing is kept.

    Everybody who adds customers may ask, and is told who holds a match even where they may not see it. A phone without
    its country's code is compared by the digits that it has, where it is none of this company's country.
    InvalidInput: phone.repeated, phone.several_primary, email.invalid, email.repeated, email.several_primary,
    website.invalid, customer.company_field, customer.person_field. NotPermitted: customer.writers_only.
    """

    kind: Kind
    name: Line
    registration_number: Line | None = None
    website: Line | None = None
    employer: Line | None = None
    birthday: Day | None = None
    phones: Phones = []
    emails: Emails = []
    customer_id: UUID | None = None
    """A customer to leave out: the one that the facts are of."""


class EntryPoint(StrEnum):
    """How a customer comes in."""

    MANUAL = "manual"
    """By a person."""
    IMPORT = "import"
    API = "api"
    """By an API key."""


class DuplicatePolicy(Message):
    """What becomes of a customer that may be there already, by how it comes in."""

    id: UUID
    entry_point: EntryPoint
    exact: Literal["block", "warn"]
    probable: Literal["block", "warn", "ignore"]
    overriders: list[Role]
    """Whose reason to add it nevertheless counts."""
    version: int


class DuplicatePolicyList(Message):
    """The policies of all entry points."""

    items: list[DuplicatePolicy]


class ListDuplicatePolicies(Request[DuplicatePolicyList], to="customer"):
    """The policies, for everybody who is signed in. NotPermitted: auth.users_only."""


class DuplicatePolicyChanges(Message):
    """Fields to change, as a merge patch."""

    exact: Literal["block", "warn"] = ABSENT
    probable: Literal["block", "warn", "ignore"] = ABSENT
    overriders: Annotated[list[Role], Field(max_length=5)] = ABSENT


class UpdateDuplicatePolicy(Request[DuplicatePolicy], to="customer"):
    """Change a policy.

    NotFound: duplicate_policy.not_found. NotPermitted: duplicate_policy.admins_only. Conflict: version.stale.
    """

    policy_id: UUID
    version: int
    changes: DuplicatePolicyChanges


SuspicionState = Literal["open", "distinct"]


class Suspect(Value):
    """One side of a suspicion."""

    customer_id: UUID
    name: str


class Suspicion(Message):
    """Two customers that may be the same; `distinct` once somebody has said that they are not."""

    id: UUID
    customers: list[Suspect]
    """Both, the older one first."""
    score: Score
    matched_on: list[Reason]
    state: SuspicionState
    reason: str
    """Why one was added beside the other, or why they are distinct; empty when nobody has said."""
    decided_by: Actor | None
    found_at: Moment
    version: int


class SuspicionPage(Message):
    """A page of suspicions, the strongest first."""

    items: list[Suspicion]
    next_cursor: str | None


class ListSuspicions(Request[SuspicionPage], to="customer"):
    """Suspected pairs of which the caller may see both customers.

    InvalidInput: cursor.invalid. NotPermitted: auth.users_only.
    """

    state: SuspicionState = "open"
    customer_id: UUID | None = None
    limit: Limit = 50
    cursor: str | None = None


class GetSuspicion(Request[Suspicion], to="customer"):
    """One suspected pair. NotFound: suspicion.not_found (also where the caller may not see both customers)."""

    suspicion_id: UUID


class DecideSuspicion(Request[Suspicion], to="customer"):
    """Say that two customers are distinct, or that this is open again; to make them one, merge them.

    NotFound: suspicion.not_found. NotPermitted: customer.read_only (for one of the two). Conflict: version.stale.
    """

    suspicion_id: UUID
    version: int
    state: SuspicionState
    reason: Line


class DuplicateScan(Message):
    """A search for duplicates among all customers."""

    id: UUID
    state: Literal["running", "done"]
    checked: int
    total: int
    """How many customers there were when it began."""
    found: int
    """Suspicions that are new."""
    started_at: Moment
    started_by: Actor
    finished_at: Moment | None


class StartDuplicateScan(Request[DuplicateScan], to="customer"):
    """Begin to compare all customers with each other, in the background; it goes on after a restart.

    One runs at a time: while it does, that one is the answer. NotPermitted: duplicate_scan.admins_only.
    """


class GetDuplicateScan(Request[DuplicateScan], to="customer"):
    """How far a scan is. NotFound: duplicate_scan.not_found. NotPermitted: duplicate_scan.admins_only."""

    scan_id: UUID


class DuplicateScanPage(Message):
    """The last scans, newest first."""

    items: list[DuplicateScan]


class ListDuplicateScans(Request[DuplicateScanPage], to="customer"):
    """The last 20 scans. NotPermitted: duplicate_scan.admins_only."""
