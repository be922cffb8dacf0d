"""What custom fields hold, as it stands in a customer."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, JsonValue, WithJsonSchema

from contracts.values import Line

_NEXT = re.compile(r",(?=[a-z][a-z0-9_]*(?::|>=|<=))")

CustomValue = Annotated[
    JsonValue,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": 2_000},
                {"type": "number"},
                {
                    "type": "object",
                    "properties": {
                        "amount": {"type": "string", "maxLength": 20},
                        "currency": {"type": "string", "maxLength": 3},
                    },
                    "required": ["amount", "currency"],
                },
                {"type": "array", "maxItems": 100, "items": {"type": "string", "maxLength": 2_000}},
                {"type": "null"},
            ]
        }
    ),
]
"""By the field's type: text, a number, money, a day (`2026-11-21`), a choice's key, a list of such, or an id."""

Custom = Annotated[dict[str, CustomValue], Field(max_length=100)]
"""The values of custom fields by their keys; null clears one."""


def _split(given: Any) -> Any:
    return (_NEXT.split(given) if given else []) if isinstance(given, str) else given


CustomFilters = Annotated[list[Line], Field(max_length=10), BeforeValidator(_split)]
"""What custom fields hold, separated by commas: `size:large,budget>=1000.00 USD,signed<=2026-12-31`."""
