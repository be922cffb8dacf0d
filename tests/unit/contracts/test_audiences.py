"""Whom a record is open to, as marks."""

from uuid import UUID

from contracts.audiences import Audience, marks_of
from contracts.values import Role

DEPARTMENT, RITA, PETE = UUID(int=1), UUID(int=2), UUID(int=3)


class TestMarksOf:
    def test_nobody_named_is_everybody_whoever_is_let_in_always(self) -> None:
        assert marks_of(Audience(), always=[RITA]) == []

    def test_each_who_is_named_has_a_mark_once(self) -> None:
        audience = Audience(departments=[DEPARTMENT], roles=[Role.MANAGER], users=[RITA])
        named = [f"department:{DEPARTMENT}", "role:manager", f"user:{RITA}"]
        assert marks_of(audience, always=[RITA]) == named

    def test_who_is_let_in_always_is_so_beside_those_who_are_named(self) -> None:
        assert marks_of(Audience(users=[RITA]), always=[PETE]) == [f"user:{RITA}", f"user:{PETE}"]
