"""The pools: the one every company starts with, and more."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.errors import Conflict, NotFound, NotPermitted
from contracts.pool.pools import DEFAULT_POOL_ID, CreatePool, GetPool, Pool, PoolCreated
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import calling
from services.pool.operations import pools
from tests.integration.pool.desk import ADMIN, AUDITOR, PROGRAM, SERVICE, Desk, manager_of, rep


def shown(desk: Desk, caller: Caller) -> dict[str, Pool]:
    """The pools a caller is shown, by name."""
    with calling(caller), desk.database.transaction() as db:
        return {pool.name: pool for pool in pools.list_pools(db).items}


class TestDefaultPool:
    def test_a_new_database_has_it_under_its_fixed_id(self, desk: Desk) -> None:
        pool = shown(desk, rep())["Open customers"]
        assert pool.id == DEFAULT_POOL_ID
        assert pool.default is True

    def test_it_waits_in_the_outbox_to_be_announced_like_any_other(self, desk: Desk) -> None:
        (event,) = desk.announced(DEFAULT_POOL_ID)
        assert event["type"] == PoolCreated.wire_type()
        assert event["source"] == "/crm/pool"
        assert event["sequence"] == 1
        assert event["actor"] == "system:pool"
        assert PoolCreated.model_validate(event["data"]) == PoolCreated(pool_id=DEFAULT_POOL_ID, name="Open customers")


class TestListPools:
    def test_free_counts_those_who_wait_and_not_those_who_are_held(self, desk: Desk) -> None:
        pool_id = desk.add_pool("Retail")
        first, _ = desk.add_customer(pool_id=pool_id), desk.add_customer(pool_id=pool_id)
        desk.add_customer(owner=rep())
        assert shown(desk, rep())["Retail"].free == 2
        desk.claim(rep(), first, pool_id=pool_id)
        assert shown(desk, rep())["Retail"].free == 1

    def test_they_come_by_name_in_any_case(self, desk: Desk) -> None:
        for name in ("zeta", "Alpha", "beta"):
            desk.add_pool(name)
        names = list(shown(desk, AUDITOR))
        assert names == sorted(names, key=str.lower)


class TestGetPool:
    def test_it_is_shown_as_the_list_shows_it(self, desk: Desk) -> None:
        pool_id = desk.add_pool("Single")
        desk.add_customer(pool_id=pool_id)
        found = desk.ask(rep(), pools.get_pool, GetPool(pool_id=pool_id))
        assert found == shown(desk, rep())["Single"]
        assert found.free == 1

    def test_one_that_never_was_is_not_found(self, desk: Desk) -> None:
        with pytest.raises(NotFound) as missed:
            desk.ask(rep(), pools.get_pool, GetPool(pool_id=new_id()))
        assert missed.value.code == "pool.not_found"


class TestCreatePool:
    def test_a_new_pool_is_empty_and_announced(self, desk: Desk) -> None:
        pool = desk.ask(ADMIN, pools.create_pool, CreatePool(name="Fairs"))
        assert (pool.name, pool.default, pool.free, pool.version) == ("Fairs", False, 0, 1)
        (event,) = desk.announced(pool.id)
        everybody: dict[str, list[str]] = {"departments": [], "roles": [], "users": []}
        named = {"pool_id": str(pool.id), "name": "Fairs"}
        assert event["data"] == {**named, "open_to": everybody, "administrators": []}

    def test_a_name_is_given_once_in_any_case(self, desk: Desk) -> None:
        desk.add_pool("Łódź")
        with pytest.raises(Conflict) as refused:
            desk.add_pool("łÓDŹ")
        assert refused.value.code == "pool.name_taken"

    def test_of_two_who_open_the_same_pool_at_once_one_is_told_that_the_name_is_taken(self, desk: Desk) -> None:
        with ThreadPoolExecutor(8) as threads:
            tries = [threads.submit(desk.add_pool, "Partners") for _ in range(8)]
        refused = [error for each in tries if (error := each.exception())]
        assert [getattr(error, "code", error) for error in refused] == ["pool.name_taken"] * 7

    @pytest.mark.parametrize(
        "caller",
        [rep(), manager_of(), AUDITOR, PROGRAM, SERVICE],
        ids=["rep", "manager", "auditor", "integration", "system"],
    )
    def test_only_an_administrator_may(self, desk: Desk, caller: Caller) -> None:
        with pytest.raises(NotPermitted) as refused:
            desk.ask(caller, pools.create_pool, CreatePool(name="Mine"))
        assert refused.value.code == "pool.admins_only"
        assert "Mine" not in shown(desk, ADMIN)
