"""API4:2023. No request costs more than a request may: each is bounded in size, number and time, and says its bounds.

Bodies of 2 MB, slow senders, many connections and deep nesting are in tests/e2e/test_edge.py and test_errors.py.
"""

import base64
import gzip
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.ports import free_port
from deploy.local.suite import PROJECT, Suite
from tests.e2e.client import Api, Body, Person, eventually
from tests.e2e.company import PASSWORD, Company, new_customer

JSON = {"Content-Type": "application/json"}
QUICKLY = 10.0
"""What takes milliseconds, on a machine with other work; a request's own deadline, too."""
PER_MINUTE = 20
FILES = {"create_upload", "create_upload.file"}
"""Bytes, which end where CRM_UPLOAD_BYTES says: tests/e2e/test_imports.py."""
UNREAD = ".e164"
"""What the suite makes of a phone's number takes the place of what a caller sends here."""


def endless(field: Body, schemas: Body, at: str, inside: frozenset[str] = frozenset()) -> Iterator[str]:
    """The places in what a body may hold that have no end; a tree's nodes hold more of their kind."""
    ends = {"array": ["maxItems"], "string": ["maxLength", "pattern", "enum", "const", "format"]}
    if field.get("type") in ends and not any(end in field for end in ends[field["type"]]):
        yield at
    name = field.get("$ref", "").rpartition("/")[2]
    if name and name not in inside:
        yield from endless(schemas[name], schemas, at, inside | {name})
    inner = {**field.get("properties", {}), **({"[]": field["items"]} if "items" in field else {})}
    for name, each in inner.items():
        yield from endless(each, schemas, f"{at}.{name}", inside)
    for each in field.get("anyOf", []):
        yield from endless(each, schemas, at, inside)


class TestBounds:
    def test_every_list_gives_at_most_two_hundred_at_once(self, company: Company) -> None:
        document = company.stranger.get("/openapi.json")
        lists = [
            path
            for path, operations in document["paths"].items()
            if any(each["name"] == "limit" for each in operations.get("get", {}).get("parameters", []))
        ]
        assert len(lists) > 10
        for path in lists:
            address = re.sub(r"\{\w+\}", str(uuid4()), path.replace("{pool_id}", company.pool_id()))
            problem = company.admin.refusal("GET", address, params={"limit": 201})
            assert (problem["status"], problem["errors"][0]["field"]) == (422, "limit")

    def test_everything_in_a_body_has_a_documented_end(self, company: Company) -> None:
        document = company.stranger.get("/openapi.json")
        bodies = [
            (operation["operationId"], content["schema"])
            for operations in document["paths"].values()
            for operation in operations.values()
            for content in operation.get("requestBody", {}).get("content", {}).values()
        ]
        assert len(bodies) > 20
        schemas = document["components"]["schemas"]
        places = {place for name, schema in bodies for place in endless(schema, schemas, name)}
        assert {place for place in places if not place.endswith(UNREAD)} == FILES

    @pytest.mark.parametrize(
        ("path", "field", "items"),
        [
            ("/v1/pools/{pool}/claims", "customer_ids", [str(uuid4())] * 201),
            ("/v1/notices/reads", "notice_ids", [str(uuid4())] * 201),
            ("/v1/imports/customers", "rows", [{"name": "Batch"}] * 501),
            ("/v1/imports/opportunities", "rows", [{"external_id": "x", "owner": "x", "stage": "x"}] * 501),
            ("/v1/webhooks", "types", ["#"] * 51),
        ],
    )
    def test_a_batch_that_is_too_large_is_refused_whole(
        self, company: Company, path: str, field: str, items: list[Any]
    ) -> None:
        body = {"url": "https://example.com"} if path.endswith("webhooks") else {}
        problem = company.admin.refusal("POST", path.format(pool=company.pool_id()), json=body | {field: items})
        assert (problem["status"], problem["errors"][0]["field"]) == (422, field)

    def test_a_packed_body_is_not_unpacked(self, company: Company) -> None:
        bomb = gzip.compress(b'{"name": "' + b"x" * 100_000_000 + b'"}')
        headers = JSON | {"Content-Encoding": "gzip"}
        assert company.admin.refusal("POST", "/v1/customers", content=bomb, headers=headers)["status"] == 400


class TestCostlyQuestions:
    @pytest.mark.parametrize("path", ["/v1/customers", "/v1/opportunities", "/v1/users"])
    @pytest.mark.parametrize(
        "q", ["%", "_", "%_%", "\\", "%" * 200, "a%" * 100, "_" * 200, "(a+)+$" * 33, "%25", "' OR 1=1 --", "ａ" * 200]
    )
    def test_a_search_takes_its_text_as_it_is_and_not_long(self, company: Company, path: str, q: str) -> None:
        began = time.monotonic()
        found = company.admin.get(path, q=q)["items"]
        assert time.monotonic() - began < QUICKLY
        named = [each.get("full_name") or each["name"] for each in found]
        assert all(q in name or q in each["name"] for name, each in zip(named, found, strict=True))

    @pytest.mark.parametrize(
        "bomb",
        [
            b"[" * 5_000,
            b'["created_at,id", "' + b"9" * 5_000 + b'", "x"]',
            b'["created_at,id", ' + b"9" * 5_000 + b", 1]",
            b"[" + b'"a",' * 1_200 + b'"a"]',
            b'{"a":' * 900 + b"1" + b"}" * 900,
        ],
        ids=["nested", "long text", "long number", "long list", "nested objects"],
    )
    @pytest.mark.parametrize("path", ["/v1/customers?sort=-created_at&cursor=", "/v1/opportunities?cursor=",
                                      "/v1/events?after="])  # fmt: skip
    def test_a_cursor_is_no_bomb(self, company: Company, path: str, bomb: bytes) -> None:
        began = time.monotonic()
        cursor = base64.urlsafe_b64encode(bomb).decode().rstrip("=")
        assert company.admin.status("GET", path + cursor) in {400, 422}
        assert time.monotonic() - began < QUICKLY

    def test_a_pattern_of_events_that_could_be_read_in_countless_ways_holds_nobody_up(
        self, company: Company, attacker: Person
    ) -> None:
        types = ",".join([".".join(["#"] * 49 + ["x"])] * 30 + ["customer.created"])
        headers = {"Authorization": f"Bearer {attacker.token}"}
        with (
            httpx.Client(base_url=attacker.url, headers=headers, timeout=60, trust_env=False) as http,
            http.stream("GET", "/v1/events/stream", params={"types": types}) as answer,
        ):
            lines = answer.iter_lines()
            assert next(lines) == ": welcome"
            made = attacker.post("/v1/customers", new_customer("Listened for"))
            attacker.post("/v1/opportunities", {"customer_id": made["id"], "name": "Not asked for"})
            assert any(made["id"] in line for line in lines if line.startswith("data: "))
        began = time.monotonic()
        assert company.admin.get("/v1/events", types=types, limit=1)["unavailable"] == []
        assert time.monotonic() - began < QUICKLY


@pytest.fixture(scope="module")
def strict(suite: Suite) -> Iterator[str]:
    """One more gateway, which lets everybody ask a few times a minute."""
    port, telemetry = free_port(), free_port()
    own = {"CRM_PORT": str(port), "CRM_TELEMETRY_PORT": str(telemetry)}
    environment = {**suite.settings_of("gateway"), **own, "CRM_REQUESTS_PER_MINUTE": str(PER_MINUTE)}
    log = (suite.folder / "logs" / "gateway-strict.log").open("w")
    with (
        log,
        subprocess.Popen(
            [sys.executable, "-m", "gateway.run"],
            env={**os.environ, **environment},
            cwd=PROJECT,
            stderr=log,
            stdout=log,
        ) as gateway,
    ):
        with Api(f"http://127.0.0.1:{port}") as stranger:
            eventually(lambda: answers(stranger))
        yield f"http://127.0.0.1:{port}"
        gateway.terminate()


class TestRate:
    def test_who_asks_too_often_is_told_how_long_to_wait_and_others_are_served(
        self, strict: str, attacker: Person, victim: Person
    ) -> None:
        with Api(strict, token=attacker.token) as eager, Api(strict, token=victim.token) as other:
            seen = [eager.ask("GET", "/v1/me") for _ in range(3 * PER_MINUTE)]
            assert other.status("GET", "/v1/me") == 200
        assert {answer.headers["RateLimit-Policy"] for answer in seen} == {f'"default";q={PER_MINUTE};w=60'}
        refused = [answer for answer in seen if answer.status_code == 429]
        assert len(refused) >= PER_MINUTE  # the minute may turn once meanwhile
        assert all(answer.json()["code"] == "limit.reached" for answer in refused)
        assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in refused)
        assert all(";r=0;" in answer.headers["RateLimit"] for answer in refused)

    def test_no_made_up_origin_makes_a_new_caller_of_somebody(self, strict: str) -> None:
        with Api(strict) as stranger:
            answers = [stranger.status("GET", "/v1/me", headers=_origin(nth)) for nth in range(3 * PER_MINUTE)]
        assert answers.count(429) >= PER_MINUTE

    def test_guesses_at_the_door_are_counted_like_all_else(self, strict: str) -> None:
        body: dict[str, Any] = {"content": json.dumps({"name": "", "password": PASSWORD}), "headers": JSON}
        with Api(strict) as stranger:
            answers = [stranger.status("POST", "/v1/auth/token", **body) for _ in range(3 * PER_MINUTE)]
        assert answers.count(429) >= PER_MINUTE


def answers(api: Api) -> bool:
    """Whether anybody is there."""
    try:
        return api.status("GET", "/healthz") == 200
    except httpx.TransportError:
        return False


def _origin(nth: int) -> dict[str, str]:
    address = f"203.0.113.{nth}"
    names = ("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP")
    return {**dict.fromkeys(names, address), "Forwarded": f"for={address}", "Authorization": f"Bearer made.up.{nth}"}
