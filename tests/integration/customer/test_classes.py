"""Levels and segments of customers, as other services ask for them."""

import pytest

from contracts.customer.facts import DescribeClasses
from contracts.customer.segments import CreateSegment, RemoveSegment, Segment
from contracts.errors import NotPermitted
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import refused
from tests.integration.customer.office import Office


def segment(office: Office, by: Caller, level: str) -> Segment:
    """The customers of this level."""
    rule = {"field": "level", "op": "eq", "value": level}
    return office.ask(by, CreateSegment.model_validate({"name": f"Level {level}", "rule": rule}))


class TestDescribeClasses:
    def test_each_customer_is_told_with_its_level_and_the_segments_it_is_in(self, office: Office) -> None:
        first, second = office.create(office.rep, "First", level="A"), office.create(office.colleague, "Second")
        best, others = segment(office, office.rep, "A"), segment(office, office.admin, "B")
        asked = DescribeClasses(customer_ids=[first.id, second.id, new_id()], segment_ids=[best.id, others.id])
        found = {each.customer_id: each for each in office.ask(office.service, asked).items}
        assert found.keys() == {first.id, second.id}
        assert (found[first.id].level, found[first.id].segment_ids) == ("A", [best.id])
        assert (found[second.id].level, found[second.id].segment_ids) == (None, [])

    def test_a_segment_that_is_no_more_has_nobody_in_it(self, office: Office) -> None:
        made, gone = office.create(office.rep, "Left", level="A"), segment(office, office.rep, "A")
        office.ask(office.rep, RemoveSegment(segment_id=gone.id, version=gone.version))
        asked = DescribeClasses(customer_ids=[made.id], segment_ids=[gone.id])
        assert [each.segment_ids for each in office.ask(office.service, asked).items] == [[]]

    @pytest.mark.parametrize("who", ["rep", "admin", "api_key"])
    def test_people_may_not_ask(self, office: Office, who: str) -> None:
        with refused(NotPermitted, "auth.services_only"):
            office.ask(getattr(office, who), DescribeClasses(customer_ids=[]))
