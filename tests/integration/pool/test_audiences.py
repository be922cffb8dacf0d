"""Pools that are open to some people only, and pools with administrators of their own."""

from typing import Any
from uuid import UUID

import pytest

from contracts.audiences import Audience
from contracts.errors import NotFound, NotPermitted, Unavailable
from contracts.pool.assignments import AssignHolding
from contracts.pool.claims import ClaimCustomers, ClaimStatus
from contracts.pool.facts import ListPoolFacts, PoolFacts
from contracts.pool.pools import GetPool, ListFreeCustomers, Pool, PoolChanges, PoolLimits, UpdatePool
from contracts.pool.rules import GetPoolRules, RulesChanges, UpdatePoolRules
from contracts.values import Role
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import calling, refused
from services.pool.operations import claims, facts, handing, pools, rules
from tests.integration.pool.desk import ADMIN, AUDITOR, PROGRAM, SERVICE, Desk, manager_of, rep

NORTH, SOUTH = new_id(), new_id()


def seen_by(desk: Desk, caller: Caller) -> set[UUID]:
    with calling(caller), desk.database.transaction() as db:
        return {pool.id for pool in pools.list_pools(db).items}


def change(desk: Desk, caller: Caller, pool_id: UUID, **changes: Any) -> Pool:
    version = desk.ask(ADMIN, pools.get_pool, GetPool(pool_id=pool_id)).version
    request = UpdatePool(pool_id=pool_id, version=version, changes=PoolChanges(**changes))
    return desk.ask(caller, pools.update_pool, request)


def of_north(desk: Desk) -> UUID:
    """A pool that is open to a department."""
    return desk.add_pool(f"North {new_id()}", open_to=Audience(departments=[NORTH]))


class TestOpenTo:
    def test_a_department_its_manager_and_those_who_see_all(self, desk: Desk) -> None:
        pool = of_north(desk)
        for caller in (rep(NORTH), manager_of(SOUTH, NORTH), ADMIN, AUDITOR, PROGRAM, SERVICE):
            assert pool in seen_by(desk, caller)
        for stranger in (rep(SOUTH), rep(), manager_of(SOUTH)):
            assert pool not in seen_by(desk, stranger)

    def test_a_role(self, desk: Desk) -> None:
        pool = desk.add_pool(f"Leaders {new_id()}", open_to=Audience(roles=[Role.MANAGER]))
        assert pool in seen_by(desk, manager_of(SOUTH))
        assert pool not in seen_by(desk, rep(NORTH))

    def test_single_users_beside_a_department(self, desk: Desk) -> None:
        rita, pete = rep(SOUTH), rep(SOUTH)
        desk.add_user(rita)
        pool = desk.add_pool(f"Two {new_id()}", open_to=Audience(departments=[NORTH], users=[rita.user_id]))
        assert pool in seen_by(desk, rita)
        assert pool in seen_by(desk, rep(NORTH))
        assert pool not in seen_by(desk, pete)

    def test_who_nobody_has_heard_of_is_not_named(self, desk: Desk) -> None:
        with pytest.raises(Unavailable):  # the identity service, which would know, is away
            desk.add_pool(f"Ghosts {new_id()}", open_to=Audience(users=[new_id()]))

    def test_to_others_the_pool_and_its_rules_are_not_there(self, desk: Desk) -> None:
        pool, stranger = of_north(desk), rep(SOUTH)
        for operation, request in (
            (pools.get_pool, GetPool(pool_id=pool)),
            (pools.list_free_customers, ListFreeCustomers(pool_id=pool)),
            (rules.get_rules, GetPoolRules(pool_id=pool)),
            (claims.claim, ClaimCustomers(pool_id=pool, count=1)),
        ):
            with refused(NotFound, "pool.not_found"):
                desk.ask(stranger, operation, request)  # type: ignore[arg-type]  # each with its own request

    def test_to_others_its_customers_are_not_there(self, desk: Desk) -> None:
        customer_id = desk.add_customer(pool_id=of_north(desk))
        assert desk.holding(rep(NORTH), customer_id).pool is not None
        with refused(NotFound, "holding.not_found"):
            desk.holding(rep(SOUTH), customer_id)

    def test_who_is_meant_claims_and_nobody_takes_its_customers_through_another_pool(self, desk: Desk) -> None:
        pool, other = of_north(desk), desk.add_pool(f"Other {new_id()}")
        customer_id = desk.add_customer(pool_id=pool)
        assert desk.claim(rep(SOUTH), customer_id, pool_id=other) == [ClaimStatus.NOT_VISIBLE]
        assert desk.claim(rep(NORTH), customer_id, pool_id=pool) == [ClaimStatus.CLAIMED]

    def test_it_may_be_closed_and_opened_later_and_everybody_is_told(self, desk: Desk) -> None:
        pool, stranger = desk.add_pool(f"Late {new_id()}"), rep(SOUTH)
        customer_id = desk.add_customer(pool_id=pool)
        assert desk.holding(stranger, customer_id)
        change(desk, ADMIN, pool, open_to=Audience(departments=[NORTH]))
        with refused(NotFound, "holding.not_found"):
            desk.holding(stranger, customer_id)
        assert change(desk, ADMIN, pool, open_to=Audience()).open_to == Audience()
        assert desk.holding(stranger, customer_id)
        _, closed, opened = desk.announced(pool)
        assert closed["data"]["open_to"]["departments"] == [str(NORTH)]
        assert (closed["data"]["changed"], opened["data"]["open_to"]["departments"]) == (["open_to"], [])

    def test_copies_are_filled_anew_with_it(self, desk: Desk) -> None:
        pool, cursor = of_north(desk), None
        found: dict[UUID, PoolFacts] = {}
        while not found or cursor:
            page = desk.ask(SERVICE, facts.list_pool_facts, ListPoolFacts(cursor=cursor))
            found |= {each.id: each for each in page.items}
            cursor = page.next_cursor
        assert found[pool].open_to == Audience(departments=[NORTH])


class TestMoves:
    def test_a_manager_gives_nothing_to_a_pool_and_takes_nothing_from_one_that_they_do_not_see(
        self, desk: Desk
    ) -> None:
        pool, stranger = of_north(desk), manager_of(SOUTH)
        desk.add_user(stranger)
        with refused(NotFound, "pool.not_found"):
            desk.ask(stranger, handing.assign, AssignHolding(customer_id=desk.add_customer(), pool_id=pool))
        customer_id = desk.add_customer(pool_id=pool)
        with refused(NotFound, "holding.not_found"):
            desk.ask(stranger, handing.assign, AssignHolding(customer_id=customer_id, owner_id=stranger.user_id))

    def test_a_manager_who_is_a_collaborator_does_not_answer_for_the_pool(self, desk: Desk) -> None:
        stranger = manager_of(SOUTH)
        desk.add_user(stranger)
        customer_id = desk.add_customer(pool_id=of_north(desk))
        desk.share(customer_id, stranger)
        with refused(NotPermitted, "holding.read_only"):
            desk.ask(stranger, handing.assign, AssignHolding(customer_id=customer_id, owner_id=stranger.user_id))

    def test_a_release_goes_back_to_the_pool_it_came_from(self, desk: Desk) -> None:
        pool, rita = of_north(desk), rep(NORTH)
        customer_id = desk.add_customer(pool_id=pool)
        desk.claim(rita, customer_id, pool_id=pool)
        released = desk.release(rita, customer_id)
        assert released.pool is not None
        assert released.pool.id == pool
        with refused(NotFound, "holding.not_found"):
            desk.holding(rep(SOUTH), customer_id)

    def test_a_release_into_a_pool_that_one_does_not_see_is_refused(self, desk: Desk) -> None:
        rita = rep(SOUTH)
        with refused(NotFound, "pool.not_found"):
            desk.release(rita, desk.add_customer(owner=rita), pool_id=of_north(desk))


class TestAdministrators:
    def test_they_see_and_change_the_pool_and_its_rules(self, desk: Desk) -> None:
        rita = rep(SOUTH)
        desk.add_user(rita)
        who = {"open_to": Audience(departments=[NORTH]), "administrators": [rita.user_id]}
        pool = desk.add_pool(f"Run by Rita {new_id()}", **who)
        changed = change(desk, rita, pool, limits=PoolLimits(holdings=3), open_to=Audience(roles=[Role.MANAGER]))
        assert (changed.limits.holdings, changed.administrators) == (3, [rita.user_id])
        assert changed.open_to == Audience(roles=[Role.MANAGER])
        request = UpdatePoolRules(pool_id=pool, version=1, changes=RulesChanges())
        assert desk.ask(rita, rules.update_rules, request).version == 2

    def test_others_who_see_it_may_not(self, desk: Desk) -> None:
        pool = of_north(desk)
        for caller in (rep(NORTH), manager_of(NORTH), AUDITOR, PROGRAM):
            with refused(NotPermitted, "pool.admins_only"):
                change(desk, caller, pool, name="Mine now")

    def test_who_they_are_is_for_the_companys_administrators(self, desk: Desk) -> None:
        rita = rep(NORTH)
        desk.add_user(rita)
        pool = desk.add_pool(f"Rita's {new_id()}", administrators=[rita.user_id])
        with refused(NotPermitted, "pool.admins_only"):
            change(desk, rita, pool, administrators=[])
        assert change(desk, ADMIN, pool, administrators=[]).administrators == []
        with refused(NotPermitted, "pool.admins_only"):
            change(desk, rita, pool, name="Still mine")

    def test_to_who_does_not_see_it_there_is_nothing_to_change(self, desk: Desk) -> None:
        with refused(NotFound, "pool.not_found"):
            change(desk, rep(SOUTH), of_north(desk), name="Mine now")
