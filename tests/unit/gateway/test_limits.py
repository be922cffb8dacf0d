"""How often a caller may ask, and what they are told of it."""

import pytest
from flask import Flask
from flask import request as http
from flask.testing import FlaskClient

from contracts.errors import NotPermitted
from gateway import errors
from gateway.limits import Limits
from servicekit import context
from servicekit.context import Caller, Work

MEI = Caller(id="019aa6b2-0000-7000-8000-00000000000a", name="mei.lin", kind="user", role="rep")
JAN = Caller(id="019aa6b2-0000-7000-8000-00000000000b", name="jan", kind="user", role="rep")


@pytest.fixture
def client() -> FlaskClient:
    """An app that lets each caller ask three times a minute."""
    app = Flask("gateway")
    errors.mount(app)

    @app.before_request
    def check() -> None:
        if http.headers.get("Authorization") == "bad":
            raise NotPermitted("auth.invalid_token", "The token is not valid.")

    Limits(3).mount(app)
    app.add_url_rule("/things", view_func=lambda: "things")
    app.add_url_rule("/healthz", endpoint="healthz", view_func=lambda: "alive")
    return app.test_client()


def ask(
    client: FlaskClient,
    caller: Caller | None = None,
    *,
    address: str = "192.0.2.1",
    path: str = "/things",
    token: str = "",
) -> int:
    with context.working(Work(caller=caller)):
        from_there = {"REMOTE_ADDR": address}
        return client.get(path, environ_base=from_there, headers={"Authorization": token}).status_code


class TestLimits:
    def test_one_request_too_many_is_429_and_says_when_to_come_back(self, client: FlaskClient) -> None:
        assert [ask(client, MEI) for _ in range(3)] == [200, 200, 200]
        with context.working(Work(caller=MEI)):
            answer = client.get("/things")
        assert answer.json is not None
        assert (answer.status_code, answer.json["code"]) == (429, "limit.reached")
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert answer.headers["RateLimit-Policy"] == '"default";q=3;w=60'
        assert answer.headers["RateLimit"].startswith('"default";r=0;t=')

    def test_each_caller_has_their_own_wherever_they_are(self, client: FlaskClient) -> None:
        assert [ask(client, MEI, address=f"192.0.2.{number}") for number in range(4)] == [200, 200, 200, 429]
        assert ask(client, JAN) == 200

    def test_who_is_not_signed_in_counts_by_address(self, client: FlaskClient) -> None:
        assert [ask(client) for _ in range(4)] == [200, 200, 200, 429]
        assert ask(client, address="192.0.2.2") == 200

    def test_bad_tokens_count_by_address(self, client: FlaskClient) -> None:
        assert [ask(client, token="bad") for _ in range(4)] == [401, 401, 401, 429]

    def test_addresses_that_lead_nowhere_count(self, client: FlaskClient) -> None:
        assert [ask(client, path="/nowhere") for _ in range(4)] == [404, 404, 404, 429]

    def test_probes_are_not_counted(self, client: FlaskClient) -> None:
        assert {ask(client, path="/healthz") for _ in range(9)} == {200}

    def test_callers_without_number_do_not_fill_the_memory(self, client: FlaskClient) -> None:
        for number in range(6_000):
            ask(client, address=f"10.0.{number // 250}.{number % 250}")
        assert ask(client, address="10.0.0.1") == 200
