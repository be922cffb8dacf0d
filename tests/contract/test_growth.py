"""What counts as growing, and how anything else is told."""

from typing import Literal

from pydantic import BaseModel

from contracts.base import Message, Request
from contracts.values import Value
from tests.contract.growth import breaks, schema_now


class Colour(Value):
    name: str


class Paint(Message):
    colour: Colour
    litres: int
    note: str = ""


class Bright(Value):
    name: str
    shade: str = "mid"


class PaintRoom(Request[Paint], to="painter"):
    room: str


def told(before: type[BaseModel], now: type[BaseModel]) -> list[str]:
    return breaks(before.__name__, schema_now(before), schema_now(now))


class TestBreaks:
    def test_says_nothing_of_an_unchanged_message(self) -> None:
        assert told(Paint, Paint) == []

    def test_says_nothing_of_a_new_optional_field(self) -> None:
        class Grown(Paint):
            brand: str | None = None

        assert told(Paint, Grown) == []

    def test_says_nothing_of_a_new_docstring(self) -> None:
        class Explained(Paint):
            """Now with words."""

        assert told(Paint, Explained) == []

    def test_tells_of_a_new_field_without_default(self) -> None:
        class Grown(Paint):
            brand: str

        (sentence,) = told(Paint, Grown)
        assert sentence == "Paint.brand is new and required, but others don't send it yet: give it a default."

    def test_tells_of_a_new_field_without_default_in_a_request(self) -> None:
        class Grown(PaintRoom):
            wall: str

        (sentence,) = told(PaintRoom, Grown)
        assert sentence.startswith("PaintRoom.wall is new and required")

    def test_tells_of_a_field_that_is_gone(self) -> None:
        class Shrunk(Message):
            colour: Colour
            note: str = ""

        assert told(Paint, Shrunk) == ["Paint.litres is gone, but others still send or read it."]

    def test_tells_of_another_type(self) -> None:
        class Changed(Paint):
            litres: float  # type: ignore[assignment]  # just what must not happen

        assert told(Paint, Changed) == ['Paint.litres was {"type": "integer"} and is {"type": "number"}.']

    def test_tells_of_an_optional_field_that_became_required(self) -> None:
        class Stricter(Paint):
            note: str

        (sentence,) = told(Paint, Stricter)
        assert sentence.startswith("Paint.note was")

    def test_tells_of_a_required_field_that_became_optional(self) -> None:
        class Looser(Paint):
            litres: int = 1

        (sentence,) = told(Paint, Looser)
        assert sentence.startswith("Paint.litres was")

    def test_tells_of_a_change_inside_a_value(self) -> None:
        before = schema_now(Paint)
        now = schema_now(Paint)
        now["$defs"]["Colour"]["properties"]["name"] = {"type": "integer"}
        assert breaks("Paint", before, now) == ['Colour.name was {"type": "string"} and is {"type": "integer"}.']

    def test_says_nothing_of_a_value_that_grew(self) -> None:
        before = schema_now(Paint)
        now = schema_now(Paint)
        now["$defs"]["Colour"] = schema_now(Bright)
        assert breaks("Paint", before, now) == []

    def test_tells_of_a_new_word_in_a_closed_list(self) -> None:
        class Finish(Message):
            kind: Literal["matt", "gloss"]

        class MoreFinishes(Message):
            kind: Literal["matt", "gloss", "satin"]

        (sentence,) = told(Finish, MoreFinishes)
        assert sentence.startswith("Finish.kind was")
