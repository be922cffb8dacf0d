"""What is made can be read: every 201 says where its record is, and there it is, in the version of its ETag."""

from collections.abc import Callable

import pytest

from gateway.routes import AREAS
from servicekit.database import new_id
from tests.e2e.client import Body
from tests.e2e.company import Company, new_customer

MADE = {route.path for area in AREAS for route in area.routes if route.status == 201}
_DUE = "2030-01-01T09:00:00Z"


def _name() -> str:
    return f"Made {new_id()}"


def _key() -> str:
    return f"made_{new_id().hex[-12:]}"


def _login() -> str:
    return f"made.{new_id().hex[-12:]}"


ELSEWHERE = {"/v1/imports", "/v1/customers/{customer_id}/attachments"}
"""What takes an uploaded file: tests/e2e/test_imports.py and test_attachments.py."""
BODIES: dict[str, Callable[[str], Body]] = {
    "/v1/users": lambda _customer: {"name": _login(), "full_name": "Made"},
    "/v1/departments": lambda _customer: {"name": _name()},
    "/v1/api-keys": lambda _customer: {"name": _name(), "scopes": ["events:read"]},
    "/v1/customers": lambda _customer: new_customer("Made"),
    "/v1/customers/{customer_id}/contacts": lambda _customer: {"name": "Made"},
    "/v1/dictionaries": lambda _customer: {"key": _key(), "labels": {"en": "Made"}},
    "/v1/custom-fields": lambda _customer: {"kind": "person", "key": _key(), "labels": {"en": "Made"}, "type": "text"},
    "/v1/segments": lambda _customer: {"name": _name(), "rule": {"field": "level", "op": "eq", "value": "A"}},
    "/v1/classification-rules": lambda _customer: {
        "name": _name(),
        "condition": {"field": "name", "op": "eq", "value": "made: nobody is called so"},
        "level": "Z",
    },
    "/v1/duplicate-scans": lambda _customer: {},
    "/v1/pools": lambda _customer: {"name": _name()},
    "/v1/pipelines": lambda _customer: {"name": _name(), "stages": [{"name": "First", "probability": 10}]},
    "/v1/opportunities": lambda customer: {"customer_id": customer, "name": "Made"},
    "/v1/products": lambda _customer: {"name": _name(), "price": {"amount": "5.00", "currency": "USD"}},
    "/v1/activities": lambda customer: {"customer_id": customer, "kind": "call"},
    "/v1/follow-ups": lambda customer: {"customer_id": customer, "due_at": _DUE},
    "/v1/webhooks": lambda _customer: {"url": "http://127.0.0.1:9/closed", "types": ["webhook.pinged"]},
}
"""What makes a record at each address, where it needs one on a customer."""


@pytest.fixture(scope="module")
def customer_id(company: Company) -> str:
    """What some records stand on."""
    customer_id: str = company.admin.post("/v1/customers", new_customer("Located"))["id"]
    return customer_id


class TestLocation:
    def test_every_address_where_records_are_made_is_tried(self) -> None:
        assert BODIES.keys() | ELSEWHERE == MADE, "Say in BODIES what makes a record there."

    @pytest.mark.parametrize("path", BODIES)
    def test_it_leads_to_the_record_in_the_version_that_was_answered(
        self, company: Company, customer_id: str, path: str
    ) -> None:
        answer = company.admin.ask("POST", path.replace("{customer_id}", customer_id), json=BODIES[path](customer_id))
        assert answer.status_code == 201, answer.text

        found = company.admin.ask("GET", answer.headers["Location"])

        assert found.status_code == 200, found.text
        assert found.json()["id"] == answer.json()["id"]
        assert found.headers.get("ETag") == answer.headers.get("ETag")
