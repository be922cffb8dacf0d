"""API7:2023. The only addresses that Tideline calls for its users are webhooks', and none of them is inside the house.

A suite of its own, since the others let webhooks post to this machine. Names are looked up once, and that very address
is called: tests/integration/notify/test_webhooks.py has the addresses one by one, and names that answer in two ways.
"""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from deploy.local.errors import LaunchError
from deploy.local.record import write_record
from deploy.local.servers import Broker, Server
from deploy.local.suite import Suite
from servicekit.database import new_id
from tests.e2e.client import Api, Body, eventually
from tests.e2e.company import Company
from tests.e2e.crm import Crm
from tests.integration.notify.receiver import Receiver, receiving

INSIDE = [
    "127.0.0.1",
    "localhost",
    "LOCALHOST.",
    "127.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "0.0.0.0",  # noqa: S104  an address to refuse, not one to bind
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "①②⑦.⓪.⓪.①",
    "169.254.169.254",
    "[::ffff:169.254.169.254]",
    "[fd00:ec2::254]",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "10.0.0.1",
    "[fe80::1]",
    "[fec0::1]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:7f00:1::]",
]
NO_WEBHOOKS = [
    "file:///etc/passwd", "gopher://127.0.0.1:25/_HELO", "ftp://example.com/", "javascript:alert(1)", "//example.com/",
    "http://", "http:// example.com/", "http://user:secret@example.com/", "http://example.com/\r\nHost: inside",
    "HTTP+UNIX://var/run/docker.sock", "dict://127.0.0.1:11211/stat",
]  # fmt: skip


@pytest.fixture(scope="module")
def admin(broker: Broker, database_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The administrator of a suite as it is by default: webhooks go to the internet or nowhere."""
    environment = {"CRM_DATABASE_URL": f"{database_server.url}/closed_{new_id().hex}", **_own_host(broker)}
    folder = tmp_path_factory.mktemp("closed")
    with Suite(folder, services=("identity", "notify"), environment=environment) as suite:
        write_record(suite)
        crm = Crm(suite.folder)
        crm("users", "add", "root", "--role", "admin")
        with Api(suite.gateway_url, token=crm("token", "root")) as admin:
            yield admin


def _own_host(broker: Broker) -> dict[str, str]:
    """The session's broker with a virtual host of this suite's own; where it can't have one, a broker of its own."""
    parts = urlsplit(broker.url)
    try:
        broker.ctl("add_vhost", "closed")
        broker.ctl("set_permissions", "-p", "closed", parts.username or "", ".*", ".*", ".*")
    except LaunchError:
        return {}
    return {"CRM_AMQP_URL": urlunsplit(parts._replace(path="/closed"))}


@pytest.fixture(scope="module")
def inside() -> Iterator[Receiver]:
    """A server of the house, which must never hear of this."""
    with receiving() as receiver:
        yield receiver


def outcome(admin: Api, url: str) -> Body:
    """What came of a first event for a webhook at this address."""
    hook = admin.post("/v1/webhooks", {"url": url, "types": ["webhook.pinged"]})
    admin.post(f"/v1/webhooks/{hook['id']}/pings", {})

    def tried() -> Body | None:
        (delivery,) = admin.get(f"/v1/webhooks/{hook['id']}/deliveries")["items"]
        return dict(delivery) if delivery["attempts"] else None

    eventually(tried)
    found = tried()
    assert found is not None
    admin.ask("DELETE", f"/v1/webhooks/{hook['id']}", headers={"If-Match": f'"{hook["version"]}"'})
    return found


class TestAddresses:
    @pytest.mark.parametrize("host", INSIDE)
    def test_nothing_is_sent_to_one_inside_however_it_is_written(self, admin: Api, inside: Receiver, host: str) -> None:
        port = urlsplit(inside.url).port
        found = outcome(admin, f"http://{host}:{port}/")
        assert (found["state"], found["last_status"]) == ("waiting", None)
        assert "ForbiddenAddress" in found["last_answer"] or "gaierror" in found["last_answer"]
        assert inside.got == []

    def test_nor_to_a_name_that_leads_inside(self, admin: Api, inside: Receiver) -> None:
        port = urlsplit(inside.url).port
        for name in ("localhost", socket.gethostname()):
            found = outcome(admin, f"http://{name}:{port}/")
            assert found["last_status"] is None
        assert inside.got == []

    def test_the_answer_tells_nothing_of_what_is_there(self, admin: Api, inside: Receiver) -> None:
        open_port, closed_port = urlsplit(inside.url).port, 9
        answers = [outcome(admin, f"http://127.0.0.1:{port}/")["last_answer"] for port in (open_port, closed_port)]
        assert answers[0] == answers[1]


class TestUrls:
    @pytest.mark.parametrize("url", NO_WEBHOOKS)
    def test_what_is_no_web_address_is_no_webhooks(self, company: Company, url: str) -> None:
        problem = company.admin.refusal("POST", "/v1/webhooks", json={"url": url, "types": ["#"]})
        assert (problem["status"], problem["errors"][0]["field"]) == (422, "url")

    def test_one_that_was_good_at_first_is_not_changed_into_one(self, company: Company) -> None:
        hook = company.admin.post("/v1/webhooks", {"url": "https://example.com", "types": ["webhook.pinged"]})
        headers = {"If-Match": f'"{hook["version"]}"'}
        path = f"/v1/webhooks/{hook['id']}"
        assert company.admin.status("PATCH", path, json={"url": "file:///etc/passwd"}, headers=headers) == 422

    def test_no_redirect_leads_anywhere(self, company: Company) -> None:
        for status in (301, 302, 303, 307, 308):
            with receiving() as inner, receiving() as outer:
                outer.status, outer.headers = status, {"Location": inner.url, "Refresh": f"0; url={inner.url}"}
                found = outcome(company.admin, outer.url)
                assert (found["last_status"], len(outer.got), inner.got) == (status, 1, [])
