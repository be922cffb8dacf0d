"""Events as other systems see them: the log, the live stream, webhooks."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

import httpx
import pytest
from standardwebhooks import Webhook as Verifier

from deploy.local.suite import Suite
from tests.e2e.client import Body, Person, eventually
from tests.e2e.company import Company
from tests.e2e.crm import Crm
from tests.integration.notify.receiver import receiving

_STREAM_SECONDS = 60.0


class Listener:
    """A client of the live stream; keeps what it hears, by event, and the last id."""

    def __init__(self) -> None:
        self.heard: list[Body] = []
        self.last_id = ""
        self.open = threading.Event()
        self._connection: socket.socket | None = None

    def listen(self, url: str, **asked: str) -> None:
        """Until the stream ends."""
        headers = {"Last-Event-ID": self.last_id} if self.last_id else {}
        with (
            suppress(httpx.TransportError),
            httpx.Client(trust_env=False, timeout=_STREAM_SECONDS) as http,
            http.stream("GET", f"{url}/v1/events/stream", params=asked, headers=headers) as answer,
        ):
            self._connection = answer.extensions["network_stream"].get_extra_info("socket")
            for line in answer.iter_lines():
                self._take(line)

    def hang_up(self) -> None:
        """End the stream from this side."""
        if self._connection is not None:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)

    def _take(self, line: str) -> None:
        name, _, value = line.partition(": ")
        if not name:
            self.open.set()
        elif name == "id":
            self.last_id = value
        elif name == "data":
            self.heard.append(json.loads(value))

    def names(self) -> list[str]:
        """The customers it heard of."""
        return [event["data"]["name"] for event in self.heard if event["type"] == "crm.customer.created.v1"]


@contextmanager
def listening(listener: Listener, person: Person, **asked: str) -> Iterator[None]:
    """The listener is connected in the block."""
    listener.open.clear()
    asked = {"access_token": person.token, **asked}
    thread = threading.Thread(target=listener.listen, args=(person.url,), kwargs=asked)
    thread.start()
    assert listener.open.wait(_STREAM_SECONDS)
    try:
        yield
    finally:
        listener.hang_up()
        thread.join(_STREAM_SECONDS)


def make(person: Person) -> str:
    """A customer with a name of its own."""
    name = f"Heard {uuid4().hex}"
    person.post("/v1/customers", {"kind": "company", "name": name})
    return name


@pytest.fixture
def rep(company: Company) -> Iterator[Person]:
    """Somebody without any special right."""
    with company.hire("Rita Reader") as rep:
        yield rep


class TestLog:
    def test_it_gives_each_event_once_and_in_order(self, company: Company) -> None:
        asked: Body = {"types": "opportunity.*", "limit": 200}
        seen: dict[str, list[int]] = {}
        more = True
        while more:
            page = company.admin.get("/v1/events", **asked)
            asked, more = asked | {"after": page["next_cursor"]}, page["more"]
            assert page["unavailable"] == []
            for event in page["items"]:
                seen.setdefault(event["subject"], []).append(event["sequence"])
        assert len(seen) >= 8801
        assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in seen.values())

    def test_asked_again_it_gives_what_came_meanwhile(self, company: Company) -> None:
        def fetch(cursor: str) -> Body:
            return company.admin.get("/v1/events", types="customer.created", limit=200, after=cursor)

        page = company.admin.get("/v1/events", types="customer.created", limit=200)
        while page["more"]:
            page = fetch(page["next_cursor"])
        name = make(company.admin)
        eventually(lambda: [event["data"]["name"] for event in fetch(page["next_cursor"])["items"]] == [name])

    def test_reps_may_not_read_it(self, rep: Person) -> None:
        assert rep.refusal("GET", "/v1/events")["code"] == "events.readers_only"


class TestStream:
    def test_a_change_is_heard_and_nothing_is_missed_or_doubled_over_a_restart(
        self, suite: Suite, company: Company
    ) -> None:
        listener = Listener()
        with listening(listener, company.admin, types="customer.*"):
            first = make(company.admin)
            eventually(lambda: first in listener.names())
            suite["gateway"].stop()
        suite.start("gateway")
        missed = [make(company.admin) for _ in range(5)]
        with listening(listener, company.admin, types="customer.*"):
            last = make(company.admin)
            eventually(lambda: last in listener.names())
        assert listener.names() == [first, *missed, last]

    def test_a_rep_hears_only_what_names_them(self, company: Company, rep: Person) -> None:
        listener = Listener()
        with listening(listener, rep, types="customer.created"):
            make(company.admin)
            own = make(rep)
            eventually(lambda: own in listener.names())
        assert listener.names() == [own]

    @pytest.mark.parametrize(("token", "status"), [("", 401), ("nonsense", 401)])
    def test_it_needs_a_token(self, company: Company, token: str, status: int) -> None:
        assert company.stranger.status("GET", "/v1/events/stream", params={"access_token": token}) == status


class TestWebhooks:
    def test_an_event_arrives_signed_at_a_system_outside_whose_clock_is_another(
        self, company: Company, crm: Crm
    ) -> None:
        crm("clock", "advance", "1h")
        with receiving() as receiver:
            made = company.admin.post("/v1/webhooks", {"url": receiver.url, "types": ["customer.created"]})
            verifier, name = Verifier(made["secret"]), make(company.admin)

            # Events of a moment ago may still be on their way to the notify service, and go to the new webhook as well.
            eventually(
                lambda: name in [verifier.verify(body, headers)["data"]["name"] for headers, body in receiver.got]
            )

            assert {headers["content-type"] for headers, _ in receiver.got} == {"application/cloudevents+json"}
            deliveries = f"/v1/webhooks/{made['id']}/deliveries"
            eventually(lambda: {each["state"] for each in company.admin.items(deliveries)} == {"delivered"})
            company.admin.ask("DELETE", f"/v1/webhooks/{made['id']}", headers={"If-Match": f'"{made["version"]}"'})

    def test_reps_may_not_make_them(self, rep: Person) -> None:
        asked = {"url": "https://example.com", "types": ["#"]}
        assert rep.refusal("POST", "/v1/webhooks", json=asked)["code"] == "webhook.admins_only"
