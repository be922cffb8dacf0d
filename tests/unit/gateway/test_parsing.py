"""From HTTP to typed requests: what JSON's types and written times are taken for, and what is refused."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from contracts.values import Day, Exact, Moment, Value
from gateway import errors
from gateway.routing import Api

api = Api("tests")


class Plan(Value):
    """A field of each kind that can be written in more ways than one."""

    size: int | None = None
    urgent: bool | None = None
    day: Day | None = None
    at: Moment | None = None
    price: Exact | None = None


@api.post("/plans")
def make_plan(request: Plan) -> Plan:
    """Give back what was understood."""
    return request


@api.get("/plans")
def find_plans(request: Plan) -> Plan:
    """Give back what was understood."""
    return request


@pytest.fixture
def caller() -> FlaskClient:
    app = Flask("gateway")
    errors.mount(app)
    api.mount(app)
    return app.test_client()


def refused_fields(answer: TestResponse) -> list[str]:
    assert answer.json is not None
    assert answer.status_code == 422, answer.json
    return [fault["field"] for fault in answer.json["errors"]]


class TestBody:
    @pytest.mark.parametrize(
        ("field", "given"),
        [
            ("size", "5"),
            ("size", True),
            ("urgent", 1),
            ("urgent", "true"),
            ("day", 0),
            ("day", "0"),
            ("day", "20261121"),
            ("at", 1_763_715_600),
            ("at", "1763715600.5"),
            ("at", "2026-11-21T09:30:00"),
            ("price", 1.5),
            ("price", True),
            ("price", "1e3"),
            ("price", " 1"),
            ("price", "1_000"),
            ("price", ""),
        ],
    )
    def test_a_value_of_another_type_is_refused_by_its_field(self, caller: FlaskClient, field: str, given: Any) -> None:
        assert refused_fields(caller.post("/plans", json={field: given})) == [field]

    @pytest.mark.parametrize(
        ("field", "given", "understood"),
        [
            ("size", 5, 5),
            ("urgent", True, True),
            ("day", "2026-11-21", "2026-11-21"),
            ("at", "2026-11-21T09:30:00+01:00", "2026-11-21T08:30:00Z"),
            ("price", "1054.10", "1054.10"),
            ("price", 1054, "1054"),
            ("price", 1054.0, "1054"),
            ("size", 5.0, 5),
        ],
    )
    def test_a_value_as_it_is_documented_is_understood(
        self, caller: FlaskClient, field: str, given: Any, understood: Any
    ) -> None:
        answer = caller.post("/plans", json={field: given})
        assert answer.json is not None
        assert answer.json[field] == understood


class TestQuery:
    @pytest.mark.parametrize("query", ["day=0", "day=-1.5", "at=0.5", "at=2026-11-21", "price=1e3"])
    def test_a_number_is_no_time_and_an_exponent_no_price(self, caller: FlaskClient, query: str) -> None:
        assert refused_fields(caller.get(f"/plans?{query}")) == [query.partition("=")[0]]

    def test_numbers_and_truths_are_read_from_text(self, caller: FlaskClient) -> None:
        answer = caller.get("/plans?size=5&urgent=true&day=2026-11-21")
        assert json.loads(answer.data) | {"size": 5, "urgent": True, "day": "2026-11-21"} == json.loads(answer.data)
