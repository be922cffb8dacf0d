"""The access table, tried cell by cell: over HTTP, and by a direct RPC with the same caller's token."""

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from contracts.base import Request
from contracts.errors import KINDS, CallError
from contracts.identity.api_keys import ExchangeApiKey
from deploy.docs.access import TABLE, May, Who, operations, rule_of
from tests.e2e.access.asks import ASKS, BY_ADDRESS
from tests.e2e.access.scene import Cast, Records, assembled
from tests.e2e.company import Company

_TOKEN_SECONDS = 120.0
"""The token of an API key lives for minutes, and the whole table takes longer."""
_SECONDS = 20.0
_NOT_SIGNED_IN = {"auth.required", "auth.invalid_token", "auth.expired_token"}


@pytest.fixture(scope="module")
def cast(company: Company) -> Iterator[Cast]:
    """Callers of every kind."""
    with assembled(company) as cast:
        yield cast


@pytest.fixture(scope="module")
def records(cast: Cast) -> Records:
    """What is only looked at, or refused."""
    return cast.records()


class Rpc:
    """A process beside the suite that asks its services directly."""

    def __init__(self, cast: Cast) -> None:
        environment = {**os.environ, "CRM_DATA_DIR": str(cast.company.suite.folder)}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.e2e.access.caller"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._cast = cast
        self._exchanged: dict[Who, tuple[str, float]] = {}

    def ask(self, who: Who, request: Request[Any]) -> tuple[CallError | None, str]:
        """The service's error, if it is one, and its reply."""
        answer = self._ask(self._token_of(who), request)
        error = KINDS[answer["kind"]](answer["code"], "") if answer["kind"] else None
        return error, json.dumps(answer["reply"])

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _token_of(self, who: Who) -> str:
        if who not in self._cast.keys:
            return self._cast.token_of(who)
        token, until = self._exchanged.get(who, ("", 0.0))
        if until < time.monotonic():
            token = self._ask("", ExchangeApiKey(key=self._cast.keys[who]))["reply"]["access_token"]
            self._exchanged[who] = token, time.monotonic() + _TOKEN_SECONDS
        return token

    def _ask(self, token: str, request: Request[Any]) -> dict[str, Any]:
        kind = type(request)
        fields = request.model_dump(mode="json", exclude_unset=True)
        question = {"token": token, "request": f"{kind.__module__}:{kind.__name__}", "fields": fields}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@pytest.fixture(scope="module")
def rpc(cast: Cast) -> Iterator[Rpc]:
    """The way past the gateway."""
    rpc = Rpc(cast)
    yield rpc
    rpc.close()


def over_http(cast: Cast, who: Who, request: Request[Any]) -> tuple[CallError | None, str]:
    """The gateway's error, if it is one, and its reply."""
    try:
        return None, cast.clients[who].call(request).model_dump_json()
    except CallError as error:
        return error, ""


def found(operation: str, error: CallError | None, reply: str, records: Records) -> str:
    """An answer in the table's words."""
    rule = TABLE[operation]
    if rule == "anybody" and (error is None or error.code not in _NOT_SIGNED_IN):
        return May.DO
    if error is None:
        return May.WITHOUT if rule == "lists" and str(records.customer.id) not in reply else May.DO
    if error.kind == "NotPermitted":
        return May.SIGN_IN if error.code in _NOT_SIGNED_IN else May.NOT
    return May.NOT_FOUND if error.kind == "NotFound" else f"{error.kind} {error.code}"


def readable(content: bytes) -> str:
    """What a file says; a workbook is a packed one."""
    if not content.startswith(b"PK"):
        return content.decode()
    with ZipFile(io.BytesIO(content)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


class TestTable:
    def test_every_operation_has_its_row(self) -> None:
        documented = {operation for _, _, operation in operations()}
        assert documented == TABLE.keys(), "Give each operation its rule in deploy/docs/access.py."

    def test_every_operation_is_tried(self) -> None:
        assert ASKS.keys() | BY_ADDRESS.keys() == TABLE.keys(), "Say in asks.py what to ask of each operation."


class TestOperations:
    @pytest.mark.parametrize("operation", ASKS)
    def test_does_what_the_table_says_over_http_and_by_rpc(
        self, cast: Cast, rpc: Rpc, records: Records, operation: str
    ) -> None:
        wrong = {}
        for who, may in rule_of(operation).items():
            for way in ("http", "rpc"):
                request = ASKS[operation](cast, who, records)
                answer = over_http(cast, who, request) if way == "http" else rpc.ask(who, request)
                if (seen := found(operation, *answer, records)) != may:
                    wrong[who.value, way] = f"{seen}, not {may.value}"
        assert wrong == {}

    @pytest.mark.parametrize("operation", BY_ADDRESS)
    def test_does_what_the_table_says_of_the_gateways_own(self, cast: Cast, records: Records, operation: str) -> None:
        words = {200: May.DO, 201: May.DO, 401: May.SIGN_IN, 403: May.NOT, 404: May.NOT_FOUND}
        wrong = {}
        with ExitStack() as stack:
            http = stack.enter_context(httpx.Client(timeout=_SECONDS, trust_env=False))
            for who, may in rule_of(operation).items():
                headers = {"Authorization": f"Bearer {cast.token_of(who)}"} if cast.token_of(who) else {}
                method, _, path = BY_ADDRESS[operation](cast, who, records).partition(" ")
                content = b"Name\nAcme\n" if method == "POST" else None
                url = cast.company.suite.gateway_url + path
                with http.stream(method, url, headers=headers, content=content) as answer:
                    seen = words.get(answer.status_code, str(answer.status_code))
                    if seen == May.DO and TABLE[operation] == "lists":
                        seen = May.DO if str(records.customer.id) in readable(answer.read()) else May.WITHOUT
                    if seen != may:
                        wrong[who.value] = f"{seen}, not {may.value}"
        assert wrong == {}
