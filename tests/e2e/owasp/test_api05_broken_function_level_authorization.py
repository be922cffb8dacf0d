"""API5:2023. What is for administrators, operators or the suite itself is for nobody else, whichever way they ask.

The access table (tests/e2e/access) tries every documented operation as every kind of caller. Here callers ask for what
is not in the table: verbs that are not offered, addresses written otherwise, and the RPCs that have no route at all.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from contracts.activity import GetCustomerActivity
from contracts.base import GetHealth, ListFacts, Request
from contracts.customer.contacts import GetCustomerProfile
from contracts.identity.sessions import IssueToken
from contracts.log import ListEvents
from contracts.operations import (
    SERVICES,
    DropDeadLetter,
    GetDeadLetter,
    ListDeadLetters,
    ListProjections,
    ListQueues,
    RebuildProjection,
    ReplayDeadLetters,
)
from contracts.opportunity.opportunities import GetCustomerOpportunities
from deploy.docs import catalogue
from deploy.docs.access import Who
from gateway.routes import AREAS
from servicekit import clock
from tests.e2e.access.scene import Cast, Records
from tests.e2e.client import Body, Person
from tests.e2e.company import Company
from tests.e2e.owasp.conftest import Wire

UNKNOWN = UUID("01890000-0000-7000-8000-000000000000")
NO_OPERATORS = [Who.OWNER, Who.MANAGER, Who.AUDITOR]
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OPERATORS: list[Request[Any]] = [
    ListDeadLetters(),
    GetDeadLetter(event_id=UNKNOWN, handler="x"),
    ReplayDeadLetters(),
    DropDeadLetter(event_id=UNKNOWN),
    ListProjections(),
    RebuildProjection(name="users"),
    ListQueues(),
]
BY_RECORD = {"get_customer_profile", "get_customer_opportunities", "get_customer_activity"}
"""The sections of the 360 view: for who may see the customer."""
IN_PARTS = {"begin_upload", "append_upload", "finish_upload", "export_customers", "get_attachment_part"}
"""What a file that goes in or out over HTTP is made of; its routes are in the access table."""
BY_OPERATORS = {"sweep_holdings"}
"""Of one service alone; tests/integration/pool asks it as each role."""
FOR_ANYBODY = {"get_health", "exchange_api_key"}


def without_route() -> Iterator[type[Request[Any]]]:
    """The RPCs that no route leads to."""
    routed = {route.request for area in AREAS for route in area.routes}
    return (request for request in catalogue.requests() if request not in routed)


def example(request: type[Request[Any]], records: Records) -> Request[Any]:
    """A request that lacks nothing but the right to make it."""
    fields: Body = {
        "customer_id": records.customer.id,
        "customer_ids": [records.customer.id],
        "customers": [{"customer_id": records.customer.id, "since": clock.now()}],
        "user_ids": [records.activity.owner.id],
        "name": "admin",
    }
    return request.model_validate({name: fields[name] for name in fields if name in request.model_fields})


class TestVerbs:
    def test_one_that_is_not_offered_is_405_and_those_that_are_stand_in_allow(self, company: Company) -> None:
        for path, operations in company.stranger.get("/openapi.json")["paths"].items():
            offered = {method.upper() for method in operations}
            address = re.sub(r"{\w+}", str(UNKNOWN), path)
            for verb in set(VERBS) - offered:
                answer = company.stranger.ask(verb, address)
                assert answer.status_code == 405, f"{verb} {path} was answered {answer.status_code}"
                allowed = set(answer.headers["Allow"].split(", "))
                assert allowed - {"HEAD", "OPTIONS"} == offered

    @pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
    def test_a_header_makes_no_other_verb_of_one(self, company: Company, records: Records, name: str) -> None:
        address = f"/v1/customers/{records.customer.id}/contacts/{records.contact.id}"
        assert company.admin.status("POST", address, headers={name: "DELETE", "If-Match": '"1"'}, json={}) == 405
        assert company.admin.status("GET", f"/v1/users?_method=DELETE&{name}=DELETE") == 422
        contacts = company.admin.get(f"/v1/customers/{records.customer.id}/contacts")["items"]
        assert [contact["id"] for contact in contacts] == [str(records.contact.id)]


class TestAddresses:
    @pytest.mark.parametrize(
        "path",
        ["/v1/users/", "/v1//users", "//v1/users", "/V1/users", "/v1/Users", "/v1/%75sers", "/v1/users;x=y",
         "/v1/users.json", "/v1/me/../users", "/v1/me/%2e%2e/users", "/v1/users%00", "/v1/users%20", "/v1/./users"],
    )  # fmt: skip
    def test_another_way_to_write_one_is_no_way_round_its_rule(self, attacker: Person, path: str) -> None:
        body = {"name": "made.by.a.rep", "full_name": "Made by a rep", "role": "admin"}
        for headers in ({}, {"X-Original-URL": "/v1/users", "X-Rewrite-URL": "/v1/users", "X-Forwarded-Prefix": "/v1"}):
            answer = attacker.ask("POST", path, json=body, headers=headers)
            assert answer.status_code in {308, 403, 404, 405}
        assert attacker.get("/v1/users", q="made.by.a.rep")["items"] == []


class TestWithoutRoute:
    def test_the_rpcs_that_no_route_leads_to_are_all_known_here(self) -> None:
        tried = {type(request) for request in OPERATORS} | {GetHealth, ListEvents, IssueToken}
        left = {request.method for request in without_route() if request not in tried}
        among_services = {name for name in left if name.startswith("describe_") or name.endswith("_facts")}
        assert left - among_services == BY_RECORD | IN_PARTS | BY_OPERATORS | FOR_ANYBODY - {"get_health"}

    @pytest.mark.parametrize("who", [*NO_OPERATORS, Who.NOBODY])
    def test_what_is_for_operators_is_refused_to_people_at_every_service(
        self, cast: Cast, wire: Wire, who: Who
    ) -> None:
        expected = "auth.required" if who is Who.NOBODY else "operations.operators_only"
        for service in SERVICES:
            for request in OPERATORS:
                seen = wire.ask(cast.token_of(who), request, to=service)
                assert seen == expected, f"{service}.{request.method} said {seen} to {who}"

    def test_an_administrator_is_an_operator(self, cast: Cast, wire: Wire) -> None:
        for service in SERVICES:
            assert wire.ask(cast.token_of(Who.ADMIN), ListDeadLetters(), to=service) == ""

    @pytest.mark.parametrize("who", [*NO_OPERATORS, Who.ADMIN])
    def test_what_services_ask_each_other_is_refused_to_people(
        self, cast: Cast, wire: Wire, records: Records, who: Who
    ) -> None:
        asked = [
            example(request, records)
            for request in without_route()
            if issubclass(request, ListFacts) or request.method.startswith("describe_")
        ]
        assert len(asked) > 4
        for request in asked:
            assert wire.ask(cast.token_of(who), request) == "auth.services_only", request.method

    @pytest.mark.parametrize("who", [*NO_OPERATORS, Who.ADMIN])
    def test_nobody_is_given_a_token_for_a_name(self, cast: Cast, wire: Wire, who: Who) -> None:
        assert wire.ask(cast.token_of(who), IssueToken(name="admin")) == "identity.command_line_only"
        assert wire.ask("", IssueToken(name="admin")) == "auth.required"

    def test_a_rep_reads_no_log_of_events(self, cast: Cast, wire: Wire) -> None:
        for service in SERVICES:
            assert wire.ask(cast.token_of(Who.OWNER), ListEvents(), to=service) == "events.readers_only"

    @pytest.mark.parametrize("request_type", [GetCustomerProfile, GetCustomerActivity])
    def test_the_parts_of_the_360_view_are_for_who_sees_the_customer(
        self, cast: Cast, wire: Wire, records: Records, request_type: type[Request[Any]]
    ) -> None:
        asked = example(request_type, records)
        assert str(records.customer.id) in str(wire.reply(cast.token_of(Who.OWNER), asked))
        assert wire.ask(cast.token_of(Who.COLLEAGUE), asked) == "customer.not_found"
        assert wire.ask("", asked) == "auth.required"

    def test_its_opportunities_are_those_that_one_sees(self, cast: Cast, wire: Wire, records: Records) -> None:
        asked = GetCustomerOpportunities(customer_id=records.customer.id)
        assert wire.reply(cast.token_of(Who.OWNER), asked)["open_count"] == 1
        nothing = wire.reply(cast.token_of(Who.COLLEAGUE), asked)
        assert (nothing["open"], nothing["closed"], nothing["open_count"]) == ([], [], 0)
        assert wire.ask("", asked) == "auth.required"

    def test_a_name_in_a_token_makes_nobody_the_command_line(self, cast: Cast, wire: Wire) -> None:
        with cast.company.hire("cli", role="rep") as named:
            assert wire.ask(named.token, IssueToken(name="admin")) == "identity.command_line_only"
            assert wire.ask(named.token, ListQueues(), to="pool") == "operations.operators_only"
