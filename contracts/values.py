"""Values that travel inside many messages: money, references, pages, enums."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

_NUMBER = re.compile(r"[+-]?[0-9]*\.?[0-9]*")
"""What pydantic takes for seconds since 1970, also where it stands in a text."""
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_LARGEST_OFFSET = timedelta(hours=15, minutes=59)
_DAY: TypeAdapter[date] = TypeAdapter(date)
_MOMENT: TypeAdapter[AwareDatetime] = TypeAdapter(AwareDatetime)


class Value(BaseModel):
    """A part of a message; unknown fields are ignored as in every message."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain NUL characters")
    return text


# These three read texts themselves: strictly, pydantic takes none from a validator's hands.
def _written_day(given: Any) -> Any:
    return _read_time(_DAY, given, example="2026-11-21")


def _written_moment(given: Any) -> Any:
    return _read_time(_MOMENT, given, example="2026-11-21T09:30:00Z")


def _read_time(reader: TypeAdapter[Any], given: Any, *, example: str) -> Any:
    if not isinstance(given, str):
        return given
    try:
        if _NUMBER.fullmatch(given):
            raise ValueError(given)
        return reader.validate_python(given)
    except ValueError:
        raise PydanticCustomError("written_time", "must be written like {example}", {"example": example}) from None


def _storable(given: datetime) -> datetime:
    """In UTC. Refuses what Python takes and PostgreSQL does not: offsets of most of a day, years that UTC lacks."""
    try:
        in_utc = given.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("time_range", "must lie in the years 1 to 9999 in UTC") from None
    if abs(given.utcoffset() or timedelta()) > _LARGEST_OFFSET:
        raise PydanticCustomError("time_offset", "must be less than 16 hours off UTC")
    return in_utc


def _exact(given: Any) -> Any:
    if isinstance(given, bool | float) or (isinstance(given, str) and not _DECIMAL.fullmatch(given)):
        raise PydanticCustomError("written_decimal", 'must be a decimal written as text, e.g. "1054.00"')
    return Decimal(given) if isinstance(given, int | str) else given


def _id_or_me(given: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(given)
    except ValidationError:  # which has a fault for each of the two, both under names that no caller wrote
        raise PydanticCustomError("owner", "must be a user's id or `me`") from None


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_no_nul)]
"""A non-empty line of at most 200 characters, trimmed."""
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_no_nul)]
"""At most 200 characters, may be empty."""
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_no_nul)]
"""Free text of at most 20,000 characters."""
Owner = Annotated[UUID | Literal["me"], WrapValidator(_id_or_me)]
"""Whose records a list is about: a user's id, or `me` for the caller's own."""
Limit = Annotated[int, Field(ge=1, le=200)]
"""How many items a page holds: 1 to 200."""
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 code."""

Day = Annotated[date, BeforeValidator(_written_day)]
"""A day as a caller writes it: `2026-11-21`."""
Moment = Annotated[AwareDatetime, BeforeValidator(_written_moment), AfterValidator(_storable)]
"""A moment as a caller writes it, with its offset from UTC: `2026-11-21T09:30:00Z`; it travels and is kept in UTC."""
Exact = Annotated[Decimal, BeforeValidator(_exact)]
"""A decimal as a caller writes it: text, or a whole number; other JSON numbers lose cents on their way."""


class Money(Value):
    """An amount in one currency; the amount travels as a decimal string with at most two places."""

    amount: Annotated[Decimal, Field(max_digits=16, decimal_places=2), BeforeValidator(_exact)]
    currency: Currency


class Role(StrEnum):
    """What a caller may do: see domain.md, People."""

    REP = "rep"
    MANAGER = "manager"
    ADMIN = "admin"
    AUDITOR = "auditor"
    INTEGRATION = "integration"


class Lifecycle(StrEnum):
    """How far a customer has come."""

    LEAD = "lead"
    MARKETING_QUALIFIED = "marketing_qualified"
    PROSPECT = "prospect"
    CUSTOMER = "customer"
    CHURNED = "churned"
    JUNK = "junk"


class Actor(Value):
    """Who did it: a person, or a service on its own behalf."""

    kind: Literal["user", "system"]
    id: str
    name: str


class UserRef(Value):
    """A person as other records name them; the name is empty until this service has heard of them."""

    id: UUID
    name: str


class PoolRef(Value):
    """A pool as other records name it."""

    id: UUID
    name: str


class CustomerRef(Value):
    """A customer as other records name it."""

    id: UUID
    name: str


class ImportFault(Value):
    """Why a row of an import was not taken, or was taken with a reservation. `row` counts from 1."""

    row: int
    field: str
    code: str
    message: str


class ImportedRow(Value):
    """A row that was taken: its number and the id of its record."""

    row: int
    id: UUID


class ImportResult(Value):
    """What became of an import's rows: those taken, those refused, and reservations about those taken."""

    imported: list[ImportedRow]
    refused: list[ImportFault]
    warnings: list[ImportFault]
