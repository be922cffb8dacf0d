"""The public API as its callers use it, and waiting for what follows a call by itself."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel

from contracts.base import Request
from contracts.identity.users import GetMe
from tideline_client import Client

Body = dict[str, Any]
R = TypeVar("R", bound=BaseModel)

_ANSWER_SECONDS = 60.0
_EFFECT_SECONDS = 90.0
"""Effects come within a fraction of a second; machines with other work are slow."""
_PAUSE = 0.1


class Api:
    """A caller, signed in or not."""

    def __init__(self, url: str, *, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.token = token
        self.url = url
        self._http = httpx.Client(base_url=url, headers=headers, timeout=_ANSWER_SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.close()

    def ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """Whatever the answer is; `sent` is what httpx sends."""
        return self._http.request(method, path, **sent)

    def get(self, path: str, **query: Any) -> Body:
        """What is read."""
        return _good(self.ask("GET", path, params=query or None))

    def post(self, path: str, body: Body) -> Body:
        """The answer to an order."""
        return _good(self.ask("POST", path, json=body))

    def patch(self, path: str, changes: Body, *, version: int) -> Body:
        """The record as it is after the change."""
        return _good(self.ask("PATCH", path, json=changes, headers={"If-Match": f'"{version}"'}))

    def status(self, method: str, path: str, **sent: Any) -> int:
        """Only how it was answered."""
        return self.ask(method, path, **sent).status_code

    def refusal(self, method: str, path: str, **sent: Any) -> Body:
        """The problem document that a request is refused with."""
        answer = self.ask(method, path, **sent)
        assert answer.is_error, f"{method} {path} was answered {answer.status_code}"
        assert answer.headers["Content-Type"] == "application/problem+json", answer.text
        problem: Body = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["request_id"] == answer.headers["X-Request-Id"]
        return problem

    def items(self, path: str, *, limit: int = 200, **query: Any) -> Iterator[Body]:
        """A whole list, page by page."""
        cursor: Body = {}
        while True:
            page = self.get(path, limit=limit, **query, **cursor)
            assert len(page["items"]) <= limit
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            cursor = {"cursor": page["next_cursor"]}


class Person(Api):
    """Somebody who signed in by name and password; makes records by the client, and tries its manners by hand."""

    def __init__(self, url: str, *, name: str, password: str) -> None:
        with Api(url) as stranger:
            signed_in = stranger.post("/v1/auth/token", {"name": name, "password": password})
        super().__init__(url, token=signed_in["access_token"])
        self.client = Client(url, token=self.token, seconds=_ANSWER_SECONDS)
        me = self.call(GetMe())
        self.id = str(me.id)
        self.name = name
        self.full_name = me.full_name

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        self.client.close()

    def call(self, request: Request[R]) -> R:
        """The typed reply to a typed request."""
        return self.client.call(request)


def eventually(condition: Callable[[], object]) -> None:
    """Return as soon as the condition holds."""
    until = time.monotonic() + _EFFECT_SECONDS
    while not condition():
        assert time.monotonic() < until, f"still not so after {_EFFECT_SECONDS:.0f} s"
        time.sleep(_PAUSE)


def _good(answer: httpx.Response) -> Body:
    assert answer.is_success, f"{answer.request.method} {answer.request.url} -> {answer.status_code}: {answer.text}"
    body: Body = answer.json()
    return body
