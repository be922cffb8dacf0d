"""Whatever the OpenAPI document allows or forbids, the API does as it says: schemathesis asks for all of it.

The cases are the same on every run. SCHEMATHESIS_EXAMPLES=200 asks for many more, and takes its time.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.suite import PROJECT
from tests.e2e.client import Body, Person
from tests.e2e.company import PASSWORD, Company, new_customer

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "0"))
LIMIT_SECONDS = 600 + 60 * EXAMPLES
CONFIG = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture(scope="module")
def administrator(company: Company) -> Iterator[Person]:
    with company.hire("Gerda Generated", role="admin") as administrator:
        yield administrator


@pytest.fixture(scope="module")
def rep(company: Company) -> Iterator[Person]:
    with company.hire("Rob Generated") as rep:
        yield rep


@pytest.fixture(scope="module")
def records(company: Company, administrator: Person, rep: Person) -> Body:
    """What generated requests are about: records made for these tests, so that no other test's are touched."""
    department = company.department("Generated")
    with company.hire("Sam Spare", department=department) as spare:
        spare_id = spare.id
    customer = rep.post("/v1/customers", new_customer("Generated"))
    contact = rep.post(f"/v1/customers/{customer['id']}/contacts", {"name": "Jan Kowalski"})
    pipeline = next(each for each in administrator.get("/v1/pipelines")["items"] if each["default"])
    webhook = administrator.post("/v1/webhooks", {"url": "http://127.0.0.1:9/hooks", "types": ["nothing.at_all"]})
    ids = {
        "activity_id": rep.post("/v1/activities", {"customer_id": customer["id"], "kind": "note"})["id"],
        "contact_id": contact["id"],
        "customer_id": customer["id"],
        "delivery_id": administrator.post(f"/v1/webhooks/{webhook['id']}/pings", {})["id"],
        "department_id": str(department.id),
        "follow_up_id": rep.post("/v1/follow-ups", {"customer_id": customer["id"], "due_at": "2030-01-01T09:00:00Z"})[
            "id"
        ],
        "manager_id": spare_id,
        "opportunity_id": rep.post("/v1/opportunities", {"customer_id": customer["id"], "name": "Generated"})["id"],
        "owner_id": rep.id,
        "pipeline_id": pipeline["id"],
        "pool_id": company.pool_id(),
        "reports_to": contact["id"],
        "stage_id": pipeline["stages"][0]["id"],
        "user_id": spare_id,
        "webhook_id": webhook["id"],
    }
    headers = {"Authorization": f"Bearer {administrator.token}"}
    return {"ids": ids, "login": {"name": rep.name, "password": PASSWORD}, "headers": headers}


@pytest.mark.timeout(LIMIT_SECONDS)
class TestApi:
    def test_it_answers_an_administrator_as_documented_at_each_bound_and_fault_of_each_field(
        self, company: Company, administrator: Person, records: Body
    ) -> None:
        ask_everything(company, administrator, records, phases="examples,coverage" + (",fuzzing" if EXAMPLES else ""))

    def test_it_answers_a_rep_as_documented(self, company: Company, rep: Person, records: Body) -> None:
        ask_everything(company, rep, records, phases="examples,fuzzing")


def ask_everything(company: Company, caller: Person, records: Body, *, phases: str) -> None:
    """Have schemathesis ask in this caller's name; on a difference, show what it reports."""
    asked = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIG),
            *("run", f"{company.suite.gateway_url}/openapi.json", "--phases", phases),
            *("--header", f"Authorization: Bearer {caller.token}", "--continue-on-failure"),
            *("--max-examples", str(EXAMPLES or 3)),
        ],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "SCHEMATHESIS_RECORDS": json.dumps(records)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert asked.returncode == 0, asked.stdout + asked.stderr
