"""Which rows of an import can be placed."""

from services.customer.rules.imports import Named, parents_first


def company(key: str, parent: str | None = None) -> Named:
    """A company's row."""
    return Named(key, parent, is_company=True)


class TestParentsFirst:
    def test_parents_come_before_their_children_whatever_the_order_of_rows(self) -> None:
        rows = {1: company("c", "b"), 2: company("b", "a"), 3: company("a")}
        assert parents_first(rows, set()) == [3, 2, 1]

    def test_a_parent_may_exist_already(self) -> None:
        assert parents_first({1: company("b", "a")}, {"a"}) == [1]

    def test_rows_without_their_parent_are_left_out_with_all_below_them(self) -> None:
        rows = {1: company("b", "nobody"), 2: company("c", "b"), 3: company("d")}
        assert parents_first(rows, set()) == [3]

    def test_rows_in_a_circle_are_left_out(self) -> None:
        assert parents_first({1: company("a", "b"), 2: company("b", "a"), 3: company("c", "c")}, set()) == []

    def test_a_person_is_nobodys_parent(self) -> None:
        assert parents_first({1: Named("ann", None, is_company=False), 2: company("b", "ann")}, set()) == [1]

    def test_a_parent_exists_whether_or_not_a_person_of_that_name_is_imported(self) -> None:
        assert parents_first({1: company("b", "a"), 2: Named("x", None, is_company=False)}, {"a"}) == [1, 2]
