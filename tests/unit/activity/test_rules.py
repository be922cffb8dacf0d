"""The activity service's decisions, clause by clause."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from contracts.errors import InvalidInput
from contracts.values import Role
from services.activity import rules

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ME, COLLEAGUE, POOL = UUID(int=1), UUID(int=2), UUID(int=3)
SALES, SUPPORT = UUID(int=4), UUID(int=5)


class TestMoment:
    def test_is_told_in_utc(self) -> None:
        told = datetime(2026, 11, 21, 17, 0, tzinfo=timezone(timedelta(hours=8)))

        assert rules.moment(told, "due_at").isoformat() == "2026-11-21T09:00:00+00:00"

    @pytest.mark.parametrize(
        "far",
        [
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
            datetime(1899, 12, 31, 23, 59, 59, tzinfo=UTC),
            datetime(2200, 1, 1, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-12))),
        ],
    )
    def test_outside_of_what_people_plan_for_is_refused_by_the_fields_name(self, far: datetime) -> None:
        with pytest.raises(InvalidInput) as refused:
            rules.moment(far, "due_at")

        assert refused.value.code == "time.out_of_range"
        assert [fault.field for fault in refused.value.fields] == ["due_at"]


class TestOccurrence:
    def test_is_now_unless_said_otherwise(self) -> None:
        assert rules.occurrence(None, NOW) == NOW

    @pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=1), -timedelta(days=400)])
    def test_may_lie_in_the_past_or_a_minute_ahead(self, ahead: timedelta) -> None:
        assert rules.occurrence(NOW + ahead, NOW) == NOW + ahead

    def test_more_than_a_minute_ahead_is_refused(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            rules.occurrence(NOW + timedelta(minutes=1) + SECOND, NOW)

        assert refused.value.code == "activity.in_future"
        assert [fault.field for fault in refused.value.fields] == ["occurred_at"]


class TestIsBackDated:
    @pytest.mark.parametrize(
        ("ago", "back_dated"),
        [(timedelta(0), False), (timedelta(hours=1), False), (timedelta(hours=1) + SECOND, True), (-SECOND, False)],
    )
    def test_is_what_happened_more_than_an_hour_before(self, ago: timedelta, back_dated: bool) -> None:
        assert rules.is_back_dated(NOW - ago, NOW) is back_dated


class TestComingReminders:
    @pytest.mark.parametrize(
        ("due_in", "asked", "coming"),
        [
            (timedelta(days=2), [0, 1440], [0, 1440]),
            (timedelta(days=1), [0, 1440], [0, 1440]),
            (timedelta(days=1) - SECOND, [0, 1440], [0]),
            (timedelta(minutes=10), [30, 15, 5], [5]),
            (timedelta(minutes=10), [1440, 60], []),
            (-timedelta(days=3), [0, 1440], [0]),
            (-timedelta(days=3), [1440], []),
            (timedelta(days=9), [60, 0, 60, 5], [0, 5, 60]),
            (timedelta(days=9), [], []),
        ],
    )
    def test_are_those_not_past_yet_and_always_the_due_moment(
        self, due_in: timedelta, asked: list[int], coming: list[int]
    ) -> None:
        assert rules.coming_reminders(NOW + due_in, asked, NOW) == coming


class TestRemindAt:
    def test_lies_so_many_minutes_before_the_due_moment(self) -> None:
        assert rules.remind_at(NOW, 1440) == NOW - timedelta(days=1)
        assert rules.remind_at(NOW, 0) == NOW


class TestReadsAll:
    @pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.INTEGRATION])
    def test_some_roles_see_every_record(self, role: str) -> None:
        assert rules.reads_all(role)

    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER, "", "unheard_of"])
    def test_others_see_what_they_stand_to(self, role: str) -> None:
        assert not rules.reads_all(role)


Standing = dict[str, UUID | None]
OWN: Standing = {"owner_id": ME, "owner_department": SALES, "pool_id": None}
OF_THE_TEAM: Standing = {"owner_id": COLLEAGUE, "owner_department": SALES, "pool_id": None}
OF_ANOTHER_TEAM: Standing = {"owner_id": COLLEAGUE, "owner_department": SUPPORT, "pool_id": None}
OF_NO_TEAM: Standing = {"owner_id": COLLEAGUE, "owner_department": None, "pool_id": None}
POOLED: Standing = {"owner_id": None, "owner_department": None, "pool_id": POOL}
UNHEARD_OF: Standing = {"owner_id": None, "owner_department": None, "pool_id": None}
EVERY_STANDING = [OWN, OF_THE_TEAM, OF_ANOTHER_TEAM, OF_NO_TEAM, POOLED, UNHEARD_OF]


class TestMayEditCustomer:
    @pytest.mark.parametrize(
        ("role", "editable"),
        [
            (Role.REP, [OWN]),
            (Role.MANAGER, [OWN, OF_THE_TEAM, POOLED]),
            (Role.ADMIN, EVERY_STANDING),
            (Role.AUDITOR, []),
            (Role.INTEGRATION, EVERY_STANDING),
            ("", []),
        ],
    )
    def test_is_decided_by_role_and_holder(self, role: str, editable: list[Standing]) -> None:
        found = [
            standing
            for standing in EVERY_STANDING
            if rules.may_edit_customer(
                role,
                person_id=ME,
                departments=(SALES,),
                owner_id=standing["owner_id"],
                owner_department=standing["owner_department"],
                pool_id=standing["pool_id"],
                editors=(),
            )
        ]

        assert found == editable

    def test_a_manager_without_departments_edits_their_own_and_pooled_ones(self) -> None:
        assert not rules.may_edit_customer(Role.MANAGER, person_id=ME, departments=(), **OF_NO_TEAM, editors=())

    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER])
    def test_who_it_is_shared_with_to_be_edited_edits_it_too(self, role: str) -> None:
        assert rules.may_edit_customer(role, person_id=ME, departments=(), **OF_NO_TEAM, editors=[ME])
        assert not rules.may_edit_customer(role, person_id=ME, departments=(), **OF_NO_TEAM, editors=[COLLEAGUE])

    def test_readers_stay_readers(self) -> None:
        assert not rules.may_edit_customer(Role.AUDITOR, person_id=ME, departments=(), **OF_NO_TEAM, editors=[ME])


class TestMayComplete:
    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER, Role.ADMIN])
    def test_is_for_its_owner_and_for_who_may_edit_its_customer(self, role: str) -> None:
        assert rules.may_complete(role, person_id=ME, owner_id=ME, edits_customer=False)
        assert rules.may_complete(role, person_id=ME, owner_id=COLLEAGUE, edits_customer=True)
        assert not rules.may_complete(role, person_id=ME, owner_id=COLLEAGUE, edits_customer=False)

    @pytest.mark.parametrize("role", [Role.AUDITOR, ""])
    def test_readers_complete_nothing_not_even_what_was_theirs(self, role: str) -> None:
        assert not rules.may_complete(role, person_id=ME, owner_id=ME, edits_customer=True)


class TestOwnerOfNew:
    @pytest.mark.parametrize("named", [None, ME])
    def test_what_a_person_records_is_theirs(self, named: UUID | None) -> None:
        assert rules.owner_of_new(Role.REP, person_id=ME, named=named, customer_owner=COLLEAGUE) == ME

    def test_a_person_names_nobody_else(self) -> None:
        with pytest.raises(InvalidInput, match=r"owner\.not_yours"):
            rules.owner_of_new(Role.ADMIN, person_id=ME, named=COLLEAGUE, customer_owner=None)

    def test_what_a_program_records_is_whose_it_says_or_the_customers_owners(self) -> None:
        for named, customer_owner in ((COLLEAGUE, None), (None, COLLEAGUE)):
            owner = rules.owner_of_new(Role.INTEGRATION, person_id=ME, named=named, customer_owner=customer_owner)
            assert owner == COLLEAGUE

    def test_a_program_must_name_somebody_where_nobody_holds_the_customer(self) -> None:
        with pytest.raises(InvalidInput, match=r"owner\.required"):
            rules.owner_of_new(Role.INTEGRATION, person_id=ME, named=None, customer_owner=None)
