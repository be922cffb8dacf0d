"""Routes by what follows from how they are declared."""

import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contracts.values import Value
from gateway.routing import Api
from servicekit import context
from servicekit.context import Work

api = Api("tests")


class Ask(Value):
    """Nothing in particular."""


class Left(Value):
    """How long the request may still take."""

    seconds: float


@api.post("/usual")
def usual(_request: Ask) -> Left:
    """A request like most."""
    return Left(seconds=context.remaining(1_000))


@api.post("/long", seconds=30)
def long(_request: Ask) -> Left:
    """A request that may take longer."""
    return Left(seconds=context.remaining(1_000))


@pytest.fixture
def caller() -> FlaskClient:
    app = Flask("gateway")
    api.mount(app)
    return app.test_client()


class TestDeadline:
    @pytest.mark.parametrize(("path", "seconds"), [("/usual", 10), ("/long", 30)])
    def test_a_route_may_have_more_time_than_requests_usually_do(
        self, caller: FlaskClient, path: str, seconds: float
    ) -> None:
        with context.working(Work(deadline=time.time() + 10)):
            answer = caller.post(path)
        assert answer.json is not None
        assert answer.json["seconds"] == pytest.approx(seconds, abs=5)
