"""API1:2023. Knowing a record's id opens nothing: wherever an id may stand, who may not see its record finds none.

The access table (tests/e2e/access) tries every route with the id of a record. Here ids stand where the table does not
put them: in bodies, under other records, in filters, cursors and idempotency keys.
"""

from typing import Any
from uuid import uuid4

import pytest

from contracts.opportunity.pipelines import CreatePipeline
from tests.e2e.access.scene import Cast, Records
from tests.e2e.client import Body, Person, eventually
from tests.e2e.company import Company, new_customer

Ids = dict[str, str]

BY_ADDRESS = [
    ("GET", "/v1/customers/{customer}"),
    ("GET", "/v1/customers/{customer}/360"),
    ("GET", "/v1/customers/{customer}/contacts"),
    ("GET", "/v1/customers/{customer}/collaborators"),
    ("DELETE", "/v1/customers/{customer}/collaborators/{user}"),
    ("PATCH", "/v1/customers/{customer}"),
    ("PATCH", "/v1/customers/{mine}/contacts/{contact}"),
    ("DELETE", "/v1/customers/{mine}/contacts/{contact}"),
    ("PATCH", "/v1/customers/{customer}/contacts/{contact}"),
    ("GET", "/v1/holdings/{customer}"),
    ("GET", "/v1/holdings/{customer}/history"),
    ("GET", "/v1/opportunities/{opportunity}"),
    ("GET", "/v1/opportunities/{opportunity}/stage-changes"),
    ("PATCH", "/v1/opportunities/{opportunity}"),
    ("POST", "/v1/opportunities/{opportunity}/wins"),
    ("GET", "/v1/activities/{activity}"),
    ("POST", "/v1/follow-ups/{follow_up}/completions"),
]
IN_BODIES: list[tuple[str, str, Body]] = [
    ("POST", "/v1/opportunities", {"customer_id": "{customer}", "name": "Deal"}),
    ("PATCH", "/v1/opportunities/{my_deal}", {"customer_id": "{customer}"}),
    ("POST", "/v1/activities", {"customer_id": "{customer}", "kind": "call"}),
    ("POST", "/v1/follow-ups", {"customer_id": "{customer}", "due_at": "2099-01-01T09:00:00Z"}),
    ("POST", "/v1/customers", {"kind": "company", "name": "Below", "parent_id": "{customer}"}),
    ("PATCH", "/v1/customers/{mine}", {"parent_id": "{customer}"}),
    ("POST", "/v1/customers/{mine}/contacts", {"name": "Below", "reports_to": "{contact}"}),
    ("PATCH", "/v1/customers/{mine}/contacts/{my_contact}", {"reports_to": "{contact}"}),
    ("POST", "/v1/customers/{customer}/collaborators", {"user_id": "{attacker}", "access": "edit"}),
    ("POST", "/v1/holdings/{customer}/releases", {"reason": "workload"}),
]
FILTERS = [
    "/v1/customers?owner_id={user}&count=true",
    "/v1/opportunities?customer_id={customer}&count=true",
    "/v1/opportunities?owner_id={user}&q=Forty",
    "/v1/activities?customer_id={customer}",
    "/v1/activities?owner_id={user}",
    "/v1/follow-ups?customer_id={customer}",
    "/v1/follow-ups?owner_id={user}",
    "/v1/holdings?owner_id={user}",
    "/v1/reports/funnel?owner_id={user}",
]


@pytest.fixture(scope="module")
def mine(attacker: Person) -> Ids:
    """What the attacker has of their own."""
    customer = attacker.post("/v1/customers", new_customer("Attacker's"))["id"]
    contact = attacker.post(f"/v1/customers/{customer}/contacts", {"name": "Own Contact"})["id"]
    deal = attacker.post("/v1/opportunities", {"customer_id": customer, "name": "Own deal"})["id"]
    return {"mine": customer, "my_contact": contact, "my_deal": deal, "attacker": attacker.id}


@pytest.fixture(scope="module")
def hidden(mine: Ids, victim: Person, records: Records) -> Ids:
    """The ids of the victim's records."""
    return mine | {
        "customer": str(records.customer.id),
        "contact": str(records.contact.id),
        "opportunity": str(records.opportunity.id),
        "activity": str(records.activity.id),
        "follow_up": str(records.follow_up.id),
        "user": victim.id,
    }


@pytest.fixture
def absent(mine: Ids, hidden: Ids) -> Ids:
    """Ids of no record at all."""
    return {name: str(uuid4()) for name in hidden} | mine


def filled(template: Any, ids: Ids) -> Any:
    """A template with these ids in it."""
    if isinstance(template, dict):
        return {name: filled(value, ids) for name, value in template.items()}
    return str(template).format(**ids)


def said(person: Person, method: str, path: str, body: Body | None = None) -> Body:
    """All that an answer tells but what is new with each request."""
    headers = {"If-Match": '"1"'} if method in {"PATCH", "DELETE"} else {}
    sent = {"json": {} if body is None else body} if method in {"POST", "PATCH"} else {}
    answer = person.ask(method, path, headers=headers, **sent)
    told: Body = {name: value for name, value in answer.json().items() if name != "request_id"}
    return {"status": answer.status_code, "headers": sorted(answer.headers), **told}


class TestHiddenIsLikeAbsent:
    @pytest.mark.parametrize(("method", "path"), BY_ADDRESS)
    def test_the_address_of_anothers_record_answers_as_if_there_were_none(
        self, attacker: Person, hidden: Ids, absent: Ids, method: str, path: str
    ) -> None:
        answers = [said(attacker, method, filled(path, ids)) for ids in (hidden, absent)]
        assert answers[0]["status"] == 404
        assert answers[0] == answers[1]

    @pytest.mark.parametrize(("method", "path", "body"), IN_BODIES)
    def test_anothers_record_named_in_a_body_is_refused_as_one_that_is_not_there(
        self, attacker: Person, hidden: Ids, absent: Ids, method: str, path: str, body: Body
    ) -> None:
        answers = [said(attacker, method, filled(path, ids), filled(body, ids)) for ids in (hidden, absent)]
        assert answers[0]["status"] in {404, 422}
        assert answers[0] == answers[1]

    @pytest.mark.parametrize("path", FILTERS)
    def test_a_list_filtered_by_anothers_id_shows_what_one_by_an_unknown_id_shows(
        self, attacker: Person, hidden: Ids, absent: Ids, path: str
    ) -> None:
        answers = [said(attacker, "GET", filled(path, ids)) for ids in (hidden, absent)]
        assert answers[0]["status"] == 200
        assert answers[0] == answers[1]


class TestOtherWaysIn:
    def test_after_all_of_it_the_victims_records_are_as_they_were(
        self, victim: Person, hidden: Ids, records: Records
    ) -> None:
        assert victim.get(filled("/v1/customers/{customer}", hidden))["owner"]["id"] == victim.id
        assert victim.get(filled("/v1/opportunities/{opportunity}", hidden))["version"] == records.opportunity.version
        contacts = victim.get(filled("/v1/customers/{customer}/contacts", hidden))["items"]
        assert [contact["version"] for contact in contacts] == [records.contact.version]
        assert victim.get(filled("/v1/activities?customer_id={customer}", hidden))["items"]

    @pytest.mark.parametrize(
        ("named", "code"),
        [
            ({"contact_id": "{contact}"}, "activity.unknown_contact"),
            ({"opportunity_id": "{opportunity}"}, "activity.unknown_opportunity"),
        ],
    )
    def test_an_activity_names_no_contact_or_opportunity_of_anothers(
        self, attacker: Person, victim: Person, hidden: Ids, named: Ids, code: str
    ) -> None:
        body = {"customer_id": hidden["mine"], "kind": "call", **filled(named, hidden)}
        assert attacker.refusal("POST", "/v1/activities", json=body)["code"] == code
        mine = {"customer_id": hidden["customer"], "kind": "call", **filled(named, hidden)}
        made = victim.post("/v1/activities", mine)
        assert named.keys() <= {name for name, value in made.items() if value is not None}

    def test_an_activity_names_no_opportunity_of_another_customer_of_ones_own(
        self, attacker: Person, hidden: Ids
    ) -> None:
        other = attacker.post("/v1/customers", new_customer("Other"))["id"]
        body = {"customer_id": other, "kind": "call", "opportunity_id": hidden["my_deal"]}
        assert attacker.refusal("POST", "/v1/activities", json=body)["code"] == "activity.unknown_opportunity"

    def test_a_stage_of_another_pipeline_is_no_stage_of_this_one(
        self, attacker: Person, company: Company, hidden: Ids
    ) -> None:
        other = company.admin.call(
            CreatePipeline.model_validate({"name": f"Other {uuid4()}", "stages": [{"name": "First", "probability": 1}]})
        )
        path, body = filled("/v1/opportunities/{my_deal}/stage-changes", hidden), {"stage_id": str(other.stages[0].id)}
        assert attacker.refusal("POST", path, json=body)["code"] == "stage.not_found"

    def test_a_delivery_of_one_webhook_is_not_reached_through_another(self, cast: Cast, company: Company) -> None:
        hook = {"url": "http://127.0.0.1:9/closed", "types": ["webhook.pinged"]}
        other = company.admin.post("/v1/webhooks", hook)["id"]
        path = f"/v1/webhooks/{other}/deliveries/{cast.delivery.id}/redeliveries"
        assert company.admin.refusal("POST", path, json={})["code"] == "delivery.not_found"

    def test_nobody_marks_anothers_notice_as_read(self, attacker: Person, victim: Person, hidden: Ids) -> None:
        def unread() -> list[str]:
            notices = victim.get("/v1/notices", unread=True)["items"]
            return [notice["id"] for notice in notices if notice["customer_id"] == hidden["customer"]]

        eventually(unread)
        assert attacker.post("/v1/notices/reads", {"notice_ids": unread()}) == {"read": 0}
        assert unread()

    @pytest.mark.parametrize("path", ["/v1/customers?sort=-created_at", "/v1/opportunities?q=Walked"])
    def test_a_cursor_of_somebody_elses_list_goes_on_in_ones_own(
        self, attacker: Person, victim: Person, path: str
    ) -> None:
        for name in ("Walked first", "Walked second"):
            customer = victim.post("/v1/customers", new_customer(name))["id"]
            victim.post("/v1/opportunities", {"customer_id": customer, "name": name})
        cursor = victim.get(f"{path}&limit=1")["next_cursor"]
        after = victim.get(f"{path}&limit=200&cursor={cursor}")["items"]
        theirs = {item["id"] for item in after if (item["owner"] or {}).get("id") == victim.id}
        seen = {item["id"] for item in attacker.get(f"{path}&limit=200&cursor={cursor}")["items"]}
        assert theirs
        assert theirs.isdisjoint(seen)

    def test_anothers_idempotency_key_brings_up_nothing_of_theirs(self, attacker: Person, victim: Person) -> None:
        sent: dict[str, Any] = {"json": new_customer("Same"), "headers": {"Idempotency-Key": str(uuid4())}}
        theirs, own = (person.ask("POST", "/v1/customers", **sent).json() for person in (victim, attacker))
        assert theirs["id"] != own["id"]
        assert own["owner"]["id"] == attacker.id
