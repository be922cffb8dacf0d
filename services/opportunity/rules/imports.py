"""What becomes of one row of an import: an opportunity with its way through the stages, or the reasons why not."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from contracts.opportunity.imports import OpportunityRow
from contracts.opportunity.pipelines import State
from contracts.values import ImportFault, Money, Role
from services.opportunity.rules.names import Directory, T, fold
from services.opportunity.rules.opportunities import closing_problem, midnight

EARLIEST = date(1900, 1, 1)
"""Days before are slips of the hand."""
_LONGEST_NAME = 200
_TOO_LARGE = Decimal(10) ** 14
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Choice:
    """A stage, product or customer that a row may name."""

    id: UUID
    name: str

    @property
    def names(self) -> tuple[str, ...]:
        """Its one name."""
        return (self.name,)


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person whom a row may name, by full or login name."""

    id: UUID
    full_name: str
    login_name: str
    department_id: UUID | None
    active: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Both names."""
        return (self.full_name, self.login_name)


@dataclass(frozen=True, slots=True)
class Importer:
    """Who imports: their id, role, and the departments they answer for."""

    id: UUID
    role: str
    departments: Collection[UUID]


@dataclass(frozen=True, slots=True)
class Known:
    """What rows are matched with: the default pipeline's stages in order, people, products, customers."""

    pipeline_id: UUID
    stages: tuple[Choice, ...]
    people: Directory[Colleague]
    products: Directory[Choice]
    customers: Directory[Choice]


@dataclass(frozen=True, slots=True)
class Planned:
    """An opportunity as a row tells of it; it stood in one stage all the time that the row knows of."""

    row: int
    external_id: str
    name: str
    customer_id: UUID | None
    owner_id: UUID
    product_id: UUID | None
    pipeline_id: UUID
    stage: Choice
    state: State
    amount: Money | None
    began_at: datetime
    closed_on: date | None

    @property
    def closed_at(self) -> datetime | None:
        """When its only stretch ended."""
        return None if self.closed_on is None else midnight(self.closed_on)


@dataclass(slots=True)
class Reading:
    """What one row came to: a plan and reservations about it, or the reasons why it is refused."""

    row: int
    plan: Planned | None = None
    refused: list[ImportFault] = field(default_factory=list)
    warnings: list[ImportFault] = field(default_factory=list)

    def refuse(self, field: str, code: str, message: str) -> None:
        """Add a reason why the row can't be taken."""
        self.refused.append(ImportFault(row=self.row, field=field, code=code, message=message))

    def warn(self, field: str, code: str, message: str) -> None:
        """Add a reservation."""
        self.warnings.append(ImportFault(row=self.row, field=field, code=code, message=message))


def read(number: int, row: OpportunityRow, known: Known, *, importer: Importer, now: datetime) -> Reading:
    """Match a row with what is known; all its faults are told at once."""
    reading = Reading(number)
    stage, state = _stage(row, known.stages, reading)
    owner = _owner(row, known.people, importer, state, reading)
    product = _product(row, known.products, reading)
    customer = _customer(row, known.customers, reading)
    amount = _amount(row, state, reading)
    _check_days(row, state, today=now.date(), reading=reading)
    if state is State.WON and customer is None:
        reading.refuse("customer", "opportunity.needs_customer", "What is won needs a customer that is known here.")
    if stage is None or owner is None or reading.refused:
        reading.warnings.clear()
        return reading
    began_on = row.engaged_on or row.closed_on
    reading.plan = Planned(
        row=number,
        external_id=row.external_id,
        name=_name(row, customer, product),
        customer_id=None if customer is None else customer.id,
        owner_id=owner.id,
        product_id=None if product is None else product.id,
        pipeline_id=known.pipeline_id,
        stage=stage,
        state=state,
        amount=amount,
        began_at=now if began_on is None else midnight(began_on),
        closed_on=row.closed_on,
    )
    return reading


def already_imported(number: int) -> ImportFault:
    """The warning about a row that is there already, or stood earlier in the same import."""
    message = "This opportunity was imported before; it is left as it is."
    return ImportFault(row=number, field="external_id", code="already_imported", message=message)


def _stage(row: OpportunityRow, stages: tuple[Choice, ...], reading: Reading) -> tuple[Choice | None, State]:
    """What is won or lost stood in the last stage; the sources tell no other."""
    written = fold(row.stage)
    if written in {State.WON, State.LOST}:
        return stages[-1], State(written)
    for stage in stages:
        if fold(stage.name) == written:
            return stage, State.OPEN
    names = ", ".join(stage.name for stage in stages)
    reading.refuse("stage", "stage.unknown", f"This is no stage; it may be {names}, won or lost.")
    return None, State.OPEN


def _owner(
    row: OpportunityRow, people: Directory[Colleague], importer: Importer, state: State, reading: Reading
) -> Colleague | None:
    owner = _only(people.find(row.owner))
    if owner is None:
        several = bool(people.find(row.owner))
        code, message = (
            ("owner.ambiguous", "Several people are called so; give the login name.")
            if several
            else ("owner.unknown", "There is nobody of this name; give a full name or a login name.")
        )
        reading.refuse("owner", code, message)
    elif importer.role == Role.MANAGER and owner.id != importer.id and owner.department_id not in importer.departments:
        reading.refuse("owner", "owner.foreign", "You can't give an opportunity to this person.")
    elif state is State.OPEN and not owner.active:
        reading.refuse("owner", "owner.inactive", "This person has left; an open opportunity needs somebody else.")
    return owner


def _product(row: OpportunityRow, products: Directory[Choice], reading: Reading) -> Choice | None:
    if not row.product:
        return None
    product = _only(products.find(row.product))
    if product is None:
        reading.refuse("product", "product.unknown", "There is no such product; add it to the catalogue first.")
    return product


def _customer(row: OpportunityRow, customers: Directory[Choice], reading: Reading) -> Choice | None:
    if not row.customer:
        reading.warn("customer", "customer_missing", "Taken without a customer, for the row names none.")
        return None
    found = customers.find(row.customer)
    if not found:
        reading.warn("customer", "customer_unknown", "Taken without a customer, for none of this name is known.")
    elif len(found) > 1:
        reading.warn("customer", "customer_ambiguous", "Taken without a customer, for several have this name.")
    return _only(found)


def _amount(row: OpportunityRow, state: State, reading: Reading) -> Money | None:
    if row.amount is None:
        if state is State.WON:
            reading.refuse("amount", "opportunity.needs_amount", "What is won needs an amount.")
        return None
    if row.amount < 0:
        reading.refuse("amount", "amount.negative", "An amount can't be below zero.")
    elif row.amount >= _TOO_LARGE or row.amount != row.amount.quantize(_CENT):
        message = "An amount has at most two places, and 14 digits before them."
        reading.refuse("amount", "amount.out_of_range", message)
    else:
        return Money(amount=row.amount.quantize(_CENT), currency=row.currency)
    return None


def _check_days(row: OpportunityRow, state: State, *, today: date, reading: Reading) -> None:
    began_on, closed_on = row.engaged_on, row.closed_on
    for field_name, day in (("engaged_on", began_on), ("closed_on", closed_on)):
        if day is not None and day < EARLIEST:
            reading.refuse(field_name, "day.out_of_range", f"A day before {EARLIEST.year} must be a mistake.")
    if began_on is not None and began_on > today:
        reading.refuse("engaged_on", "opportunity.begins_in_future", "It can't have begun on a day to come.")
    if closed_on is None:
        if state is not State.OPEN:
            reading.refuse("closed_on", "closed_on.missing", "What is won or lost needs the day of it.")
    elif state is State.OPEN:
        reading.refuse("closed_on", "closed_on.still_open", "What is neither won nor lost has no closing day.")
    else:
        problem = closing_problem(closed_on, began_on=began_on or closed_on, today=today)
        if problem is not None:
            reading.refuse("closed_on", problem.code, problem.detail)


def _name(row: OpportunityRow, customer: Choice | None, product: Choice | None) -> str:
    """The row's own name, else what it is about; a customer who is not known here is still worth naming."""
    about = (customer.name if customer else row.customer, product.name if product else "")
    return row.name or " · ".join(filter(None, about))[:_LONGEST_NAME] or row.external_id


def _only(found: list[T]) -> T | None:
    return found[0] if len(found) == 1 else None
