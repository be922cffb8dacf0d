"""API10:2023. What other systems answer is taken as a stranger's: in part, in time, as plain text, and never obeyed.

Tideline asks two kinds of others: receivers of webhooks, here, and the company's OpenID provider, whose lies
tests/integration/identity/test_oidc.py tries. What comes over the broker and can't be read or handled is parked
(tests/integration/servicekit/test_events.py and test_retries.py). Redirects are in test_api07.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.e2e.client import Body, eventually
from tests.e2e.company import Company
from tests.e2e.owasp.outsiders import ANSWERS, FAILS, Behaviour, always_about_to_answer, outsider
from tests.integration.notify.receiver import receiving

GIVEN_UP = 10.0
"""How long a receiver may take."""


class Hooks:
    """Webhooks that are gone with the test."""

    def __init__(self, company: Company) -> None:
        self._admin = company.admin
        self._made: list[str] = []

    def ping(self, url: str) -> str:
        """A webhook at this address, which is sent a test event."""
        made = self._admin.post("/v1/webhooks", {"url": url, "types": ["webhook.pinged"]})["id"]
        self._made.append(made)
        self._admin.post(f"/v1/webhooks/{made}/pings", {})
        return str(made)

    def tried(self, hook: str) -> Body | None:
        """What came of it, once something did."""
        (delivery,) = self._admin.get(f"/v1/webhooks/{hook}/deliveries")["items"]
        return dict(delivery) if delivery["attempts"] else None

    def remove(self) -> None:
        """Let nothing more be sent."""
        versions = {hook["id"]: hook["version"] for hook in self._admin.get("/v1/webhooks")["items"]}
        for hook in self._made:
            self._admin.ask("DELETE", f"/v1/webhooks/{hook}", headers={"If-Match": f'"{versions[hook]}"'})


@pytest.fixture
def hooks(company: Company) -> Iterator[Hooks]:
    hooks = Hooks(company)
    yield hooks
    hooks.remove()


def sent_to(behaviours: dict[str, Behaviour], hooks: Hooks) -> dict[str, Body]:
    """What came of an event for each of them, all at once."""
    with ExitStack() as stack:
        urls = {name: stack.enter_context(outsider(behaviour)) for name, behaviour in behaviours.items()}
        made = {name: hooks.ping(url) for name, url in urls.items()}
        eventually(lambda: all(hooks.tried(hook) for hook in made.values()))
        return {name: hooks.tried(hook) or {} for name, hook in made.items()}


class TestReceivers:
    def test_one_that_gives_no_proper_answer_is_given_up_and_tried_again_later(self, hooks: Hooks) -> None:
        for name, delivery in sent_to(FAILS, hooks).items():
            assert (delivery["state"], delivery["last_status"]) == ("waiting", None), name
            assert delivery["next_attempt_at"]
            assert 0 < len(delivery["last_answer"]) <= 4_096

    def test_of_an_answer_the_beginning_is_kept_as_plain_text(self, hooks: Hooks) -> None:
        for name, delivery in sent_to(ANSWERS, hooks).items():
            assert (delivery["state"], delivery["last_status"]) == ("delivered", 200), name
            assert 0 < len(delivery["last_answer"]) <= 4_096
            assert "\x00" not in delivery["last_answer"]

    def test_one_that_is_always_about_to_answer_holds_up_nobody_else(self, company: Company, hooks: Hooks) -> None:
        with outsider(always_about_to_answer) as busy, receiving() as proper:
            held = hooks.ping(busy)
            time.sleep(1)  # so long it has been talking without an end
            began = time.monotonic()
            hook = hooks.ping(proper.url)
            eventually(lambda: hooks.tried(hook))
            assert company.admin.get("/v1/notices", limit=1)["unread"] >= 0
            assert time.monotonic() - began < GIVEN_UP
            eventually(lambda: hooks.tried(held))

    def test_what_one_answers_changes_nothing_but_its_own_delivery(self, company: Company, hooks: Hooks) -> None:
        with receiving() as receiver:
            receiver.headers = {"Set-Cookie": "a=b", "Location": "/", "Retry-After": "0", "webhook-id": "another"}
            before = company.admin.get("/v1/webhooks")["items"]
            hook = hooks.ping(receiver.url)
            eventually(lambda: hooks.tried(hook))
            after = [each for each in company.admin.get("/v1/webhooks")["items"] if each["id"] != hook]
        assert after == before
        assert len(receiver.got) == 1
