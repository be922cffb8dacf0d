"""Conditions on customers, and how they are put together."""

from enum import StrEnum
from typing import Annotated, Optional

from pydantic import ConfigDict, Field, JsonValue, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from contracts.values import Value


class Op(StrEnum):
    """How a field is compared. A field without a value fulfils `empty` and `ne` alone."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    CONTAINS = "contains"
    """A text has the fragment, in any case; a list has the item."""
    GTE = "gte"
    LTE = "lte"
    WITHIN_DAYS = "within_days"
    """In the last so many days, to now."""
    OLDER_THAN_DAYS = "older_than_days"
    """More than so many days ago."""
    EMPTY = "empty"
    """There is no value; takes none."""


ConditionValue = Annotated[
    JsonValue,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": 2_000},
                {"type": "number"},
                {"type": "boolean"},
                {
                    "type": "array",
                    "maxItems": 100,
                    "items": {"anyOf": [{"type": "string", "maxLength": 2_000}, {"type": "number"}]},
                },
                {
                    "type": "object",
                    "properties": {
                        "amount": {"type": "string", "maxLength": 20},
                        "currency": {"type": "string", "maxLength": 3},
                    },
                    "required": ["amount", "currency"],
                },
                {"type": "null"},
            ]
        }
    ),
]
"""By the field: text, a number, a flag, money, a day, a moment or an id as text, for `in` a list, a number of days."""


Parts = Annotated[list["Rule"], Field(min_length=1, max_length=50)]


class Rule(Value):
    """Just one of: `all` of some rules, `any` of some, `not` a rule, or a condition of `field`, `op` and `value`.

    At most 50 conditions, 5 levels deep. Fields: kind, name, legal_name, registration_number, website, industry, size,
    founded_in, parent_id, birthday, employer, source, level, lifecycle, tags, do_not_contact, owner_id, department_id
    (the owner's), pool_id, created_at, updated_at, last_activity_at, open_count, open_amount, won_count, won_amount
    (money: all opportunities in its currency), last_won_on, and `custom.<key>`.
    """

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    all: Parts | None = None
    any: Parts | None = None
    not_: Optional["Rule"] = Field(default=None, alias="not")
    field: Annotated[str, Field(max_length=80)] | None = None
    op: Op | None = None
    value: ConditionValue = None

    @model_validator(mode="after")
    def _one_way(self) -> "Rule":
        given = [way for way in (self.all, self.any, self.not_, self.field) if way is not None]
        if len(given) != 1 or (self.field is None) != (self.op is None):
            text = "must have just one of all, any, not, or a field with an op"
            raise PydanticCustomError("rule", text)
        return self
