"""Who may add a customer, and to whom it may be given."""

from uuid import UUID

import pytest

from contracts.errors import InvalidInput, NotPermitted
from contracts.values import Role
from servicekit.database import new_id
from servicekit.testing import refused
from services.customer.rules.rights import (
    Giver,
    Person,
    check_holder_named,
    check_may_add,
    check_may_give,
    check_may_import,
    check_one_holder,
)

ME, SALES, FIELD, ELSEWHERE = new_id(), new_id(), new_id(), new_id()


def giver(role: Role) -> Giver:
    """Somebody of this role, who answers for sales and field where they are a manager."""
    return Giver(ME, role, (SALES, FIELD) if role is Role.MANAGER else ())


class TestCheckMayAdd:
    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER, Role.ADMIN, Role.INTEGRATION])
    def test_those_who_sell_and_their_programs_may(self, role: Role) -> None:
        check_may_add(role)

    @pytest.mark.parametrize("role", [Role.AUDITOR, ""])
    def test_those_who_only_read_may_not(self, role: str) -> None:
        with refused(NotPermitted, "customer.writers_only"):
            check_may_add(role)


class TestCheckMayImport:
    @pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.INTEGRATION])
    def test_managers_admins_and_programs_may(self, role: Role) -> None:
        check_may_import(role)

    @pytest.mark.parametrize("role", [Role.REP, Role.AUDITOR, ""])
    def test_nobody_else_may(self, role: str) -> None:
        with refused(NotPermitted, "customer.importers_only"):
            check_may_import(role)


class TestCheckHolderNamed:
    @pytest.mark.parametrize(("owner", "pool"), [(ME, None), (None, SALES)])
    def test_an_api_key_names_an_owner_or_a_pool(self, owner: object, pool: object) -> None:
        check_holder_named(Role.INTEGRATION, owner, pool)

    def test_without_either_it_is_told_what_to_give(self) -> None:
        with refused(InvalidInput, "customer.holder_required"):
            check_holder_named(Role.INTEGRATION, None, None)

    def test_a_person_may_keep_the_customer(self) -> None:
        check_holder_named(Role.REP, None, None)


class TestCheckOneHolder:
    @pytest.mark.parametrize(("owner", "pool"), [(None, None), (ME, None), (None, SALES)])
    def test_one_or_none_is_right(self, owner: object, pool: object) -> None:
        check_one_holder(owner, pool)

    def test_both_are_refused(self) -> None:
        with refused(InvalidInput, "customer.owner_and_pool"):
            check_one_holder(ME, SALES)


class TestCheckMayGive:
    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER, Role.ADMIN])
    def test_everybody_gives_to_themselves(self, role: Role) -> None:
        me = Person(ME, None, active=True)
        assert check_may_give(me, giver=giver(role), field="owner_id") is me

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.INTEGRATION])
    @pytest.mark.parametrize("department", [SALES, FIELD, ELSEWHERE, None])
    def test_an_admin_or_a_program_gives_to_any_colleague(self, role: Role, department: UUID | None) -> None:
        person = Person(new_id(), department, active=True)
        assert check_may_give(person, giver=giver(role), field="owner_id") is person

    @pytest.mark.parametrize("department", [SALES, FIELD])
    def test_a_manager_gives_to_those_they_answer_for(self, department: UUID | None) -> None:
        person = Person(new_id(), department, active=True)
        assert check_may_give(person, giver=giver(Role.MANAGER), field="owner_id") is person

    @pytest.mark.parametrize("department", [ELSEWHERE, None])
    def test_a_manager_gives_to_nobody_else(self, department: UUID | None) -> None:
        person = Person(new_id(), department, active=True)
        with refused(NotPermitted, "customer.foreign_owner"):
            check_may_give(person, giver=giver(Role.MANAGER), field="owner_id")

    @pytest.mark.parametrize("person", [None, Person(new_id(), SALES, True), Person(new_id(), SALES, False)])
    def test_a_rep_gives_to_nobody_and_learns_nothing_about_them(self, person: Person | None) -> None:
        with refused(NotPermitted, "customer.foreign_owner"):
            check_may_give(person, giver=giver(Role.REP), field="owner_id")

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.INTEGRATION])
    @pytest.mark.parametrize("person", [None, Person(new_id(), SALES, active=False)])
    def test_nobody_gives_to_one_who_is_not_there(self, role: Role, person: Person | None) -> None:
        with pytest.raises(InvalidInput) as raised:
            check_may_give(person, giver=giver(role), field="owner")
        assert [(one.field, one.code) for one in raised.value.fields] == [("owner", "customer.unknown_owner")]
