"""When customers were last touched, as the pool service asks before it takes one back."""

from datetime import timedelta

import pytest

from contracts.activity import DescribeTouches
from contracts.errors import NotPermitted
from contracts.values import Role
from servicekit import clock
from servicekit.database import new_id
from servicekit.testing import refused
from services.activity.operations import activities
from tests.integration.activity.desk import OURSELVES, Desk


class TestDescribeTouches:
    def test_each_kind_is_told_with_its_latest_moment_whoever_it_was_and_whenever_it_was_written_down(
        self, desk: Desk
    ) -> None:
        rep, admin = desk.someone(Role.REP), desk.someone(Role.ADMIN)
        customer_id, now = desk.customer(owner=rep), clock.now()
        desk.log(rep, customer_id, kind="call", occurred_at=now - timedelta(days=2))
        desk.log(admin, customer_id, kind="call", occurred_at=now - timedelta(days=9))
        desk.log(admin, customer_id, kind="note", occurred_at=now)
        (found,) = desk.ask(OURSELVES, activities.describe_touches, DescribeTouches(customer_ids=[customer_id])).items
        assert found.customer_id == customer_id
        assert found.last == {"call": now - timedelta(days=2), "note": now}

    def test_one_that_was_never_touched_is_left_out_and_others_are_not_told_of(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        touched, untouched, other = (desk.customer(owner=rep) for _ in range(3))
        desk.log(rep, touched)
        desk.log(rep, other)
        asked = DescribeTouches(customer_ids=[touched, untouched, new_id()])
        found = desk.ask(OURSELVES, activities.describe_touches, asked).items
        assert [each.customer_id for each in found] == [touched]

    @pytest.mark.parametrize("role", [Role.REP, Role.ADMIN, Role.INTEGRATION])
    def test_people_may_not_ask(self, desk: Desk, role: Role) -> None:
        with refused(NotPermitted, "auth.services_only"):
            desk.ask(desk.someone(role), activities.describe_touches, DescribeTouches(customer_ids=[]))
