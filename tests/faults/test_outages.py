"""One slow or dead service takes only its own part down, and what timed out does not run later."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from signal import SIGCONT, SIGSTOP
from typing import Any

import psutil
import pytest

from deploy.local.scale import SERVICES
from deploy.local.waiting import wait_until
from tests.faults.browser import Answer, Visitor
from tests.faults.form import some
from tests.faults.house import House
from tests.faults.quiet import wait_quiet

_VIEW_SECONDS = 6.0
"""The view's own deadline is 3 s; the rest is for a loaded machine."""
_CALL_SECONDS = 9.0
"""The same for a call of 5 s."""
_BACK_SECONDS = 30.0

Body = dict[str, Any] | None

SECTION_OF = {"customer": "customer", "pool": "holding", "opportunity": "opportunities", "activity": "activities"}
ROUTE_OF = {
    "customer": "/v1/customers?limit=1",
    "pool": "/v1/pools",
    "opportunity": "/v1/opportunities?limit=1",
    "activity": "/v1/activities?limit=1",
    "notify": "/v1/notices?limit=1",
    "identity": "/v1/users?limit=1",
}


class Desk:
    """A rep at the gateway, and a customer of theirs."""

    def __init__(self, house: House) -> None:
        self._rep = house.people.reps[0]
        self._url = house.suite.gateway_url
        self.customer_id = self.send("POST", "/v1/customers", {"kind": "company", "name": "Steady"}).body["id"]

    def send(self, method: str, path: str, body: Body = None) -> Answer:
        """One request of the rep's."""
        return Visitor(self._url).send(method, path, body, token=self._rep.token)

    def timed(self, method: str, path: str, body: Body = None) -> tuple[Answer, float]:
        """An answer, and how many seconds it took."""
        began = time.monotonic()
        return self.send(method, path, body), time.monotonic() - began

    def at_once(self, requests: Sequence[tuple[str, str, Body]]) -> list[tuple[Answer, float]]:
        """The same for several that are sent side by side."""
        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(lambda request: self.timed(*request), requests))

    def is_whole(self) -> bool:
        """Whether every route answers and the view has all its parts."""
        view = self.send("GET", f"/v1/customers/{self.customer_id}/360")
        routes = [self.send("GET", path).status for path in ROUTE_OF.values()]
        return view.status == 200 and not view.body["partial"] and set(routes) == {200}


@pytest.fixture
def desk(house: House) -> Iterator[Desk]:
    """A desk from which everything is reached, before and after."""
    desk = Desk(house)
    wait_until(desk.is_whole, limit=_BACK_SECONDS, otherwise="The suite is not whole.")
    wait_quiet(house)
    yield desk
    wait_until(desk.is_whole, limit=_BACK_SECONDS, otherwise="The suite does not become whole again by itself.")


def processes_of(house: House, service: str) -> list[str]:
    """The names of a service's processes."""
    return [name for name in house.suite.processes if name.partition("-")[0] == service]


@contextmanager
def frozen(house: House, *services: str) -> Iterator[None]:
    """The services' processes are there and do nothing."""
    names = [name for service in services for name in processes_of(house, service)]
    processes = [psutil.Process(house.suite[name].pid) for name in names]
    for process in processes:
        process.send_signal(SIGSTOP)
    try:
        wait_until(
            lambda: all(process.status() == psutil.STATUS_STOPPED for process in processes),
            limit=5,
            otherwise=f"{services} do not stop.",
        )
        yield
    finally:
        for process in processes:
            process.send_signal(SIGCONT)


@contextmanager
def dead(house: House, service: str) -> Iterator[None]:
    """The service's processes are gone."""
    names = processes_of(house, service)
    for name in names:
        house.suite[name].kill()
    try:
        yield
    finally:
        for name in names:
            house.suite.start(name)


def require_only_this_part_missing(desk: Desk, service: str) -> None:
    """The view lacks one section at most, the service's own routes say so, the others answer; nobody waits long."""
    paths = [f"/v1/customers/{desk.customer_id}/360", *ROUTE_OF.values()]
    (view, view_seconds), *answers = desk.at_once([("GET", path, None) for path in paths])
    assert (view.status, view_seconds < _VIEW_SECONDS) == (200, True), (view, view_seconds)
    missing = {name for name in SECTION_OF.values() if view.body[name]["status"] == "unavailable"}
    assert missing == ({SECTION_OF[service]} if service in SECTION_OF else set())
    assert view.body["partial"] == bool(missing)
    for owner, (answer, seconds) in zip(ROUTE_OF, answers, strict=True):
        assert answer.status == (503 if owner == service else 200), (owner, answer)
        assert seconds < _CALL_SECONDS, (owner, seconds)


class TestSlow:
    @pytest.mark.parametrize("service", some(SERVICES, "slow"))
    def test_a_service_that_does_nothing_takes_only_its_part_down(self, house: House, desk: Desk, service: str) -> None:
        with frozen(house, service):
            require_only_this_part_missing(desk, service)


class TestDead:
    @pytest.mark.parametrize("service", some(SERVICES, "dead"))
    def test_a_dead_service_is_known_at_once_and_takes_only_its_part_down(
        self, house: House, desk: Desk, service: str
    ) -> None:
        others = {name: house.suite[name].pid for name in house.suite.processes}
        with dead(house, service):
            require_only_this_part_missing(desk, service)
            answer, seconds = desk.timed("GET", ROUTE_OF[service])
            assert (answer.body["code"], seconds < 1) == ("service.unavailable", True), (answer, seconds)
        for name in processes_of(house, service):
            del others[name]
        assert {name: house.suite[name].pid for name in others} == others


class TestTimedOut:
    def test_a_call_that_timed_out_is_not_done_later(self, house: House, desk: Desk) -> None:
        late = "Too Late"
        writes: dict[str, tuple[str, dict[str, Any]]] = {
            "customer": ("/v1/customers", {"kind": "company", "name": late}),
            "activity": ("/v1/activities", {"customer_id": desk.customer_id, "kind": "call", "content": late}),
            "opportunity": ("/v1/opportunities", {"customer_id": desk.customer_id, "name": late}),
            "pool": (f"/v1/holdings/{desk.customer_id}/releases", {"reason": "workload", "note": late}),
        }
        with frozen(house, *writes):
            answers = desk.at_once([("POST", path, body) for path, body in writes.values()])
        for service, (answer, seconds) in zip(writes, answers, strict=True):
            assert (answer.status, answer.body["code"]) == (503, "call.timed_out"), answer
            assert answer.body["data"] == {"outcome": "unknown", "service": service}
            assert seconds < _CALL_SECONDS
        wait_until(desk.is_whole, limit=_BACK_SECONDS, otherwise="The suite is not whole.")
        wait_quiet(house)
        assert house.rows("customer", "SELECT id FROM customers WHERE name = 'Too Late'") == []
        assert house.rows("activity", "SELECT id FROM activities WHERE content = 'Too Late'") == []
        assert house.rows("opportunity", "SELECT id FROM opportunities WHERE name = 'Too Late'") == []
        assert house.rows("pool", "SELECT number FROM holding_spans WHERE note = 'Too Late'") == []
