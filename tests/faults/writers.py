"""People at work: each adds, changes, touches, sells, lets go and claims, in an order that a seed gives."""

import random
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from contracts.pool.pools import DEFAULT_POOL_ID
from tests.faults.browser import Answer, Browser, NoAnswer, NotSent
from tests.faults.house import House
from tests.faults.ledger import Outcome, Told

_MOST_MINE = 15
_MOST_TAGS = 40
_CLAIMED_AT_ONCE = 4
_PAUSE_SECONDS = 0.2


@dataclass
class Shared:
    """Customers that several writers reach for: in the pool, and held by whoever won them."""

    free: deque[str] = field(default_factory=lambda: deque(maxlen=200))
    held: deque[str] = field(default_factory=lambda: deque(maxlen=200))
    over: threading.Event = field(default_factory=threading.Event)


class Writer:
    """A rep with an administrator beside them, who releases and wins what the rep has: so there is news to tell."""

    def __init__(self, number: int, house: House, browser: Browser, *, shared: Shared, seed: int) -> None:
        self._browser = browser
        self._rep = house.people.reps[number % len(house.people.reps)]
        self._admin = house.people.admin
        self._ledger = house.ledger
        self._shared = shared
        self._random = random.Random(f"{seed}/{number}")  # noqa: S311  a seed repeats it, nobody guesses it
        self._mine: list[str] = []
        self._open: list[str] = []

    def work(self) -> None:
        """Write until it is over."""
        steps = (self._create, self._update, self._touch, self._sell, self._win, self._release, self._claim)
        weights = (20, 20, 20, 12, 12, 8, 12)
        while not self._shared.over.is_set():
            if not self._random.choices(steps, weights)[0]():
                # As any client does on a 503, else the refusals of one outage would be the whole book.
                self._shared.over.wait(_PAUSE_SECONDS)
        self._browser.close()

    def _create(self) -> bool:
        marker = self._ledger.marker()
        outcome = self._send("POST", "/v1/customers", {"kind": "company", "name": f"Firm {marker}", "note": marker})
        told = self._ledger.enter("create", marker, outcome)
        if isinstance(outcome, Answer) and told is Told.ACKNOWLEDGED:
            self._mine = [*self._mine, outcome.body["id"]][-_MOST_MINE:]
        return _is_answered(outcome)

    def _update(self) -> bool:
        if not self._mine:
            return True
        path = f"/v1/customers/{self._random.choice(self._mine)}"
        read = self._send("GET", path)
        if not isinstance(read, Answer) or read.status != 200:
            return False
        tags = read.body["tags"]
        if len(tags) >= _MOST_TAGS:
            return True
        marker = self._ledger.marker()
        changes = {"name": f"Firm {marker}", "tags": [*tags, marker]}
        return self._enter("update", marker, self._send("PATCH", path, changes, etag=read.etag))

    def _touch(self) -> bool:
        if not self._mine:
            return True
        marker = self._ledger.marker()
        touch: dict[str, Any] = {"customer_id": self._random.choice(self._mine), "kind": "call", "content": marker}
        if self._random.random() < 0.5:
            touch["next_follow_up"] = {"due_at": datetime.now(UTC).isoformat(), "note": marker}
        return self._enter("touch", marker, self._send("POST", "/v1/activities", touch))

    def _sell(self) -> bool:
        if not self._mine:
            return True
        marker = self._ledger.marker()
        chance = {"customer_id": self._random.choice(self._mine), "name": marker}
        outcome = self._send("POST", "/v1/opportunities", chance)
        told = self._ledger.enter("sell", marker, outcome)
        if isinstance(outcome, Answer) and told is Told.ACKNOWLEDGED:
            self._open.append(outcome.body["id"])
        return _is_answered(outcome)

    def _win(self) -> bool:
        if not self._open:
            return True
        marker = self._ledger.marker()
        path = f"/v1/opportunities/{self._open.pop(0)}/wins"
        # The marker of a win is its amount.
        amount = {"amount": {"amount": f"{int(marker[1:])}.00", "currency": "USD"}}
        return self._enter("win", marker, self._send("POST", path, amount, token=self._admin.token))

    def _release(self) -> bool:
        customer_id = self._to_release()
        if customer_id is None:
            return True
        marker = self._ledger.marker()
        body = {"reason": "workload", "note": marker}
        outcome = self._send("POST", f"/v1/holdings/{customer_id}/releases", body, token=self._admin.token)
        told = self._ledger.enter("release", marker, outcome)
        if told is not Told.REFUSED:
            self._shared.free.append(customer_id)
        return _is_answered(outcome)

    def _to_release(self) -> str | None:
        if len(self._mine) > _MOST_MINE // 2:
            return self._mine.pop(0)
        try:
            return self._shared.held.popleft()
        except IndexError:
            return None

    def _claim(self) -> bool:
        free = list(self._shared.free)
        if not free:
            return True
        # The latest ones, which all reach for at the same time.
        wanted = sorted(set(free[-_CLAIMED_AT_ONCE:]))
        marker = self._ledger.marker()
        outcome = self._send("POST", f"/v1/pools/{DEFAULT_POOL_ID}/claims", {"customer_ids": wanted})
        won = self._ledger.enter_claim(self._rep.id, wanted, marker, outcome)
        self._shared.held.extend(won)
        return _is_answered(outcome)

    def _enter(self, kind: str, marker: str, outcome: Outcome) -> bool:
        self._ledger.enter(kind, marker, outcome)
        return _is_answered(outcome)

    def _send(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, token: str = "", etag: str = ""
    ) -> Outcome:
        try:
            return self._browser.send(method, path, body, token=token or self._rep.token, etag=etag)
        except (NotSent, NoAnswer) as error:
            return error


@contextmanager
def at_work(house: House, browsers: Sequence[type[Browser]], *, seed: int) -> Iterator[None]:
    """A writer for each of these browsers works until the block ends; what goes wrong with one is raised then."""
    shared, url = Shared(), house.suite.gateway_url
    writers = [Writer(number, house, browser(url), shared=shared, seed=seed) for number, browser in enumerate(browsers)]
    with ThreadPoolExecutor(len(writers)) as pool:
        working = [pool.submit(writer.work) for writer in writers]
        try:
            yield
        finally:
            shared.over.set()
        for done in working:
            done.result()


def _is_answered(outcome: Outcome) -> bool:
    return isinstance(outcome, Answer) and outcome.status < 500
