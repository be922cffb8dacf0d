"""What all tables of the customer service stand on."""

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from contracts.customer.conditions import Rule
from contracts.customer.customers import Address, Email, Handle, Phone
from contracts.customer.dictionaries import DictionaryItem, Labels
from contracts.customer.scores import BehaviourRule, FitRule
from contracts.values import Value
from servicekit.database import COLUMN_TYPES, new_metadata


class OneValue(TypeDecorator[Any]):
    """A contract's value, kept as JSONB."""

    impl = JSONB
    cache_ok = True

    def __init__(self, value: type[Value]) -> None:
        super().__init__()
        self.value = value

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002  SQLAlchemy's shape
        """As it goes into the database."""
        return None if value is None else value.model_dump(mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002  as above
        """As it comes out."""
        return None if value is None else self.value.model_validate(value)


class ValueList(TypeDecorator[list[Any]]):
    """A list of a contract's values, kept as JSONB."""

    impl = JSONB
    cache_ok = True

    def __init__(self, item: type[Value]) -> None:
        super().__init__()
        self.item = item
        self._list: TypeAdapter[list[Any]] = TypeAdapter(list[item])  # type: ignore[valid-type]  # built at run time

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:  # noqa: ARG002  SQLAlchemy's shape
        """As it goes into the database."""
        return None if value is None else self._list.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> list[Any] | None:  # noqa: ARG002  as above
        """As it comes out."""
        return None if value is None else self._list.validate_python(value)


class Base(DeclarativeBase):
    """The customer service's own tables."""

    metadata = new_metadata()
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy's own shape
        **COLUMN_TYPES,
        list[Phone]: ValueList(Phone),
        list[Email]: ValueList(Email),
        list[Handle]: ValueList(Handle),
        list[Address]: ValueList(Address),
        list[DictionaryItem]: ValueList(DictionaryItem),
        Labels: OneValue(Labels),
        list[FitRule]: ValueList(FitRule),
        list[BehaviourRule]: ValueList(BehaviourRule),
        Rule: OneValue(Rule),
    }
