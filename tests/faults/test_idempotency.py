"""A POST that is repeated under one key while its service is killed: one record, and one answer for everybody."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from servicekit.database import new_id
from tests.faults.browser import Answer, NoAnswer, NotSent, Visitor
from tests.faults.form import SEED
from tests.faults.house import House
from tests.faults.killing import Killing

_CLIENTS = 100
_PATIENCE_SECONDS = 90.0
_PAUSE_SECONDS = 0.2
_AGAIN = {409, 503}


def insist(house: House, *, name: str, key: str) -> Answer:
    """Ask for a customer until it's there, as a client does that never learns whether it was heard."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        browser = Visitor(house.suite.gateway_url)
        try:
            body = {"kind": "company", "name": name}
            answer = browser.send("POST", "/v1/customers", body, token=house.people.reps[0].token, key=key)
        except (NotSent, NoAnswer):
            pass
        else:
            if answer.status not in _AGAIN:
                return answer
        assert time.monotonic() < until, "no answer that counts"
        time.sleep(_PAUSE_SECONDS)


class TestIdempotencyKey:
    @pytest.mark.timeout(300)
    def test_a_hundred_posts_at_once_make_one_record_also_when_its_service_is_killed(self, house: House) -> None:
        name, key = f"Firm {new_id()}", str(new_id())
        killing = Killing(house, seed=SEED)
        with ThreadPoolExecutor(_CLIENTS) as clients:
            asked = [clients.submit(insist, house, name=name, key=key) for _ in range(_CLIENTS)]
            for process in ("customer", "gateway", "customer-2"):
                killing.kill(process)
                killing.look_until(lambda: True, limit=60, otherwise=lambda: str(killing.notes))
            answers = [each.result() for each in asked]

        assert {answer.status for answer in answers} == {201}
        assert len({answer.body["id"] for answer in answers}) == 1
        assert len({str(answer.body) for answer in answers}) == 1
        assert house.rows("customer", f"SELECT count(*) FROM customers WHERE name = '{name}'") == [(1,)]  # noqa: S608  ours
