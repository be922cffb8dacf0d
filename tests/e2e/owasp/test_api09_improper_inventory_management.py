"""API9:2023. What is served is what is documented: one version, every route of it in /openapi.json, nothing beside it.

tests/e2e/test_pages.py asks every documented route; tests/contract keeps docs/openapi.json equal to what is served.
"""

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from contracts.base import Request
from deploy.docs import catalogue
from deploy.local.suite import Suite
from gateway.app import create_app
from gateway.auth import Callers
from gateway.routes import AREAS
from gateway.settings import GatewaySettings
from gateway.stream import Streams
from servicekit.tokens import Verifier
from tests.e2e.client import Body
from tests.e2e.company import Company

BESIDE = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs/", "/docs/errors", "/docs/<path:path>"}
"""The probes, the document and the pages to read it."""
UNKNOWN = "01890000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def document(company: Company) -> Body:
    return company.stranger.get("/openapi.json")


@pytest.fixture(scope="module")
def rules(suite: Suite) -> list[Rule]:
    """Every address that a gateway knows, as its router has it."""
    callers = Callers(Verifier(suite.folder / "keys" / "trusted.json"))
    app: Flask = create_app(GatewaySettings(), callers, Streams(callers))
    return list(app.url_map.iter_rules())


class TestRoutes:
    def test_every_one_is_documented_and_every_documented_one_is_there(self, rules: list[Rule], document: Body) -> None:
        served = {
            (method, re.sub(r"<uuid:(\w+)>", r"{\1}", rule.rule))
            for rule in rules
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
            if rule.rule.startswith("/v1")
        }
        assert served == {
            (method.upper(), path) for path, operations in document["paths"].items() for method in operations
        } - {("GET", path) for path in BESIDE}

    def test_beside_the_api_there_are_the_probes_and_the_documentation(self, rules: list[Rule]) -> None:
        beside = {rule.rule for rule in rules if not rule.rule.startswith("/v1/")}
        assert {re.sub(r"<path:\w+>", "<path:path>", rule) for rule in beside} <= BESIDE | {"/docs/dist/<path:path>"}

    def test_each_says_who_may_come_in(self, document: Body) -> None:
        open_to_anybody = {
            (method.upper(), path)
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
            if operation.get("security", document.get("security")) == []
        }
        assert {path for _, path in open_to_anybody} - BESIDE == {
            "/v1/auth/token",
            "/v1/auth/oidc",
            "/v1/auth/refreshes",
            "/v1/auth/sign-outs",
        }


class TestVersions:
    @pytest.mark.parametrize(
        "version", ["v0", "v2", "v1.0", "v1beta", "v11", "api", "api/v1", "internal", "latest", ""]
    )
    def test_there_is_no_other_one(self, company: Company, version: str) -> None:
        for path in ("customers", "users", "me", "auth/token"):
            for method in ("GET", "POST"):
                address = f"/{version}/{path}".replace("//", "/")
                assert company.admin.status(method, address, **({"json": {}} if method == "POST" else {})) == 404

    def test_a_version_in_a_header_or_the_host_changes_nothing(self, company: Company) -> None:
        now = company.admin.get("/v1/me")
        for headers in ({"Accept-Version": "v0"}, {"X-API-Version": "0"}, {"Host": "staging.example"},
                        {"Accept": "application/vnd.crm.v0+json"}):  # fmt: skip
            assert company.admin.ask("GET", "/v1/me", headers=headers).json() == now


class TestRpcs:
    def test_none_without_a_route_is_reached_over_http(self, company: Company) -> None:
        routed = {route.request for area in AREAS for route in area.routes}
        hidden: list[type[Request[Any]]] = [each for each in catalogue.requests() if each not in routed]
        assert len(hidden) > 10
        for request in hidden:
            noun = request.method.partition("_")[2].replace("_", "-")
            for address in (
                f"/{request.service}.{request.method}",
                f"/rpc/{request.service}/{request.method}",
                f"/v1/{request.service}.{request.method}",
                f"/v1/{request.service}/{request.method}",
                f"/v1/{request.method}",
                f"/v1/{request.method.replace('_', '-')}",
                f"/v1/operations/{noun}",
            ):
                status = company.admin.status("POST", address.replace("*", "pool"), json={})
                assert status == 404, f"POST {address} was answered {status}"
            status = company.admin.status("GET", f"/v1/customers/{UNKNOWN}/{noun}")
            assert status == 404, f"{noun} of a customer was answered {status}"
