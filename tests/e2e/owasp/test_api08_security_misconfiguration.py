"""API8:2023. As it comes, Tideline is closed: answers say no more than they must, and browsers get no leave.

Frames, CORS and unknown verbs are in tests/e2e/test_edge.py too, and what /docs loads in tests/e2e/test_pages.py.
"""

import re
import socket
from urllib.parse import urlsplit

import psutil
import pytest

from deploy.local.suite import Suite
from tests.e2e.access.scene import Records
from tests.e2e.client import Body
from tests.e2e.company import Company

JSON = {"Content-Type": "application/json"}
INNER = re.compile(
    r"Traceback|File \"|\.py\b|site-packages|psycopg|sqlalchemy|pydantic|werkzeug|nameko|eventlet|kombu"
    r"|SELECT |INSERT |UPDATE |relation \"|amqp://|postgresql://|/home/|/usr/|/tmp/|/root/|0x[0-9a-f]{6,}",
    re.IGNORECASE,
)
"""What only those who run the suite need to see."""
PROVOKED: list[tuple[str, str, Body]] = [
    ("GET", "/v1/customers/%00", {}),
    ("GET", "/v1/customers?cursor=%00%ff", {}),
    ("GET", "/v1/customers?q=%00", {}),
    ("GET", "/v1/customers?q=';--&sort=name;drop", {}),
    ("GET", "/v1/customers?updated_since=infinity", {}),
    ("GET", "/v1/customers?updated_since=0001-01-01T00:00:00%2B23:59", {}),
    ("GET", "/v1/customers?updated_since=9999-12-31T23:59:59-23:59", {}),
    ("GET", "/v1/events?after=eyJwb29sIjogIjk5OTktOTktOTlUOTk6OTk6OTkuOTk5OTk5Kzk5Ojk5XzEifQ", {}),
    ("GET", "/v1/reports/funnel?from=0001-01-01&to=9999-12-31", {}),
    ("GET", "/../../etc/passwd", {}),
    ("GET", "/docs/..%2f..%2f..%2fetc/passwd", {}),
    ("GET", "/docs/%2e%2e/%2e%2e/gateway/app.py", {}),
    ("GET", "/docs/nothing.js", {}),
    ("POST", "/v1/customers", {"content": b"{", "headers": JSON}),
    ("POST", "/v1/customers", {"content": b"\xff", "headers": JSON}),
    ("POST", "/v1/customers", {"content": b'{"kind": "company", "name": "\\ud800"}', "headers": JSON}),
    ("POST", "/v1/customers", {"json": {"kind": "company", "name": {"$gt": ""}}}),
    ("POST", "/v1/customers", {"json": {"kind": "company", "name": "X", "parent_id": "' OR 1=1"}}),
    ("POST", "/v1/products", {"json": {"name": "X", "price": {"amount": "1e999999", "currency": "USD"}}}),
    ("POST", "/v1/users", {"json": {"name": "x", "full_name": "X", "email": "a@b", "time_zone": "../../etc"}}),
    ("POST", "/v1/auth/token", {"json": {"name": "\x00", "password": "\x00"}}),
    ("POST", "/v1/auth/refreshes", {"json": {"refresh_token": "💥" * 50}}),
    ("POST", "/v1/auth/oidc", {"json": {"code": "x", "state": "x", "verifier": "x"}}),
    ("PATCH", "/v1/customers/{customer}", {"json": {"name": None}, "headers": {"If-Match": '"1"'}}),
    ("PATCH", "/v1/customers/{customer}", {"json": {}, "headers": {"If-Match": '"999999999999999999"'}}),
    ("DELETE", "/v1/webhooks/{customer}", {"headers": {"If-Match": '"1"'}}),
    ("TRACE", "/v1/me", {"headers": {"X-Secret": "/home/of/the/secret"}}),
]
ANSWERS = [
    "/v1/me",
    "/v1/nothing",
    "/v1/customers?limit=0",
    "/openapi.json",
    "/docs/",
    "/healthz",
    "/metrics",
    "/nothing",
]
CLOSED = [
    "/console/", "/debug", "/v1/debug", "/_debug", "/?__debugger__=yes&cmd=resource&f=style.css", "/.env",
    "/.git/config", "/admin", "/server-status", "/actuator/env", "/phpinfo.php", "/static/app.py", "/gateway/app.py",
    "/swagger.json", "/v1/openapi.json", "/graphql", "/trusted.json", "/keys/identity.pem", "/suite.json",
]  # fmt: skip


class TestErrors:
    @pytest.mark.parametrize(("method", "path", "sent"), PROVOKED)
    def test_none_tells_of_the_inside(
        self, company: Company, records: Records, method: str, path: str, sent: Body
    ) -> None:
        answer = company.admin.ask(method, path.format(customer=records.customer.id), **sent)
        assert answer.status_code < 500
        if answer.is_error:
            assert answer.headers["Content-Type"] == "application/problem+json"
            told = {name: value for name, value in answer.json().items() if name != "request_id"}
            assert INNER.findall(str(told)) == []

    def test_a_wrong_value_is_not_repeated_to_whoever_reads_the_answer(self, company: Company) -> None:
        secret = "correct horse battery staple" * 10
        answer = company.stranger.ask("POST", "/v1/auth/token", json={"name": "x", "password": secret})
        assert answer.status_code == 422
        assert secret not in answer.text

    def test_trace_sends_nothing_back(self, company: Company) -> None:
        answer = company.admin.ask("TRACE", "/v1/me", headers={"X-Sent": "what-was-sent"})
        assert answer.status_code == 405
        assert "what-was-sent" not in answer.text
        assert company.admin.token not in answer.text


class TestHeaders:
    @pytest.mark.parametrize("path", ANSWERS)
    def test_every_answer_tells_browsers_to_be_careful_and_nobody_what_serves_it(
        self, company: Company, path: str
    ) -> None:
        for caller in (company.admin, company.stranger):
            headers = caller.ask("GET", path).headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert "default-src" in headers["Content-Security-Policy"]
            assert {"server", "x-powered-by", "x-aspnet-version", "via"}.isdisjoint(headers)
            if path.startswith("/v1/"):
                assert headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        "origin", ["https://elsewhere.example", "null", "http://127.0.0.1", "http://localhost:3000"]
    )
    def test_no_other_site_is_given_leave(self, company: Company, origin: str) -> None:
        asked = {"Origin": origin, "Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "x"}
        for method, path in (("OPTIONS", "/v1/customers"), ("GET", "/v1/me"), ("POST", "/v1/auth/token")):
            answer = company.admin.ask(method, path, headers=asked)
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")]

    def test_a_form_of_another_site_is_no_request_of_ours(self, company: Company) -> None:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            sent = {"content": b'{"kind": "company", "name": "Forged"}', "headers": {"Content-Type": kind}}
            assert company.admin.status("POST", "/v1/customers", **sent) == 415
        assert company.admin.get("/v1/customers", q="Forged")["items"] == []


class TestDoors:
    @pytest.mark.parametrize("path", CLOSED)
    def test_nothing_is_served_that_nobody_documented(self, company: Company, path: str) -> None:
        for caller in (company.stranger, company.admin):
            assert caller.refusal("GET", path)["status"] == 404

    def test_the_services_tell_of_themselves_on_this_machine_alone(self, suite: Suite) -> None:
        names = ("identity", "customer", "pool", "opportunity", "activity", "notify", "gateway")
        ports = {urlsplit(suite.telemetry_url(name)).port for name in names}
        connections = psutil.net_connections("inet")
        listening = [each.laddr for each in connections if each.laddr and each.status == psutil.CONN_LISTEN]
        assert {address.ip for address in listening if address.port in ports} == {"127.0.0.1"}
        assert {address.port for address in listening} >= ports

    def test_nobody_reaches_a_service_by_http(self, suite: Suite) -> None:
        """But for its probes: whatever else is asked there finds nothing."""
        port = urlsplit(suite.telemetry_url("pool")).port
        for line in (b"GET /v1/pools", b"POST /pool.list_pools", b"GET /debug", b"GET /metrics/../keys"):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(line + b" HTTP/1.0\r\n\r\n")
                assert b"404" in connection.makefile("rb").readline()

    def test_metrics_name_nobody_and_no_record(self, company: Company, records: Records) -> None:
        company.admin.get(f"/v1/customers/{records.customer.id}")
        company.admin.ask("GET", "/v1/made-up-by-a-stranger")
        told = company.stranger.ask("GET", "/metrics").text
        for hidden in (str(records.customer.id), company.admin.id, "made-up-by-a-stranger", records.customer.name):
            assert hidden not in told
