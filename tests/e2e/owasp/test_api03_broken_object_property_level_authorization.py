"""API3:2023. A caller writes the fields a request documents and reads the fields an answer documents; no others exist.

Fields that are refused are named, so that a client's mistake is found; none of them has any effect.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.access.scene import Records
from tests.e2e.client import Body, Person
from tests.e2e.company import PASSWORD, Company, new_customer

SOMEBODY = str(uuid4())
MOMENT = "2020-01-01T00:00:00Z"
OWN = {"id": SOMEBODY, "version": 7, "created_at": MOMENT, "updated_at": MOMENT}
"""What each record says of itself."""
SHOWN = {"SecretWebhook.secret", "NewApiKey.key", "AccessToken.access_token", "AccessToken.refresh_token"}
"""What an answer shows this once."""
CALLED_KEY = {"Import.key", "Dictionary.key", "CustomField.key", "DictionaryItem-Output.key"}
"""What tells records apart is called a key as well; it opens nothing."""
SECRET = ("password", "secret", "hash", "token", "key", "salt")
CREATED = [
    ("/v1/customers", {"kind": "company", "name": "Mass"}, {"owner": SOMEBODY, "pool": SOMEBODY, "since": MOMENT}),
    ("/v1/customers/{customer}/contacts", {"name": "Mass"}, {"customer": SOMEBODY}),
    ("/v1/customers/{customer}/collaborators", {"user_id": SOMEBODY}, {"added_by": SOMEBODY, "added_at": MOMENT}),
    (
        "/v1/opportunities",
        {"customer_id": "{customer}", "name": "Mass"},
        {"owner": SOMEBODY, "state": "won", "stage": SOMEBODY, "closed_on": "2020-01-01", "external_id": "x"},
    ),
    (
        "/v1/activities",
        {"customer_id": "{customer}", "kind": "call"},
        {"owner": SOMEBODY, "back_dated": False, "by": SOMEBODY},
    ),
    (
        "/v1/follow-ups",
        {"customer_id": "{customer}", "due_at": "2099-01-01T00:00:00Z"},
        {"owner": SOMEBODY, "state": "done", "done_at": MOMENT},
    ),
]
MADE_BY_ADMINS = [
    ("/v1/users", {"name": "mass", "full_name": "Mass"}, {"active": False, "password_hash": "x", "departments": []}),
    ("/v1/pools", {"name": "Mass"}, {"default": True, "free": 0}),
    ("/v1/pipelines", {"name": "Mass", "stages": [{"name": "One", "probability": 1}]}, {"default": True}),
    ("/v1/webhooks", {"url": "https://example.com", "types": ["#"]}, {"secret": "whsec_AAAA", "active": False}),
    ("/v1/api-keys", {"name": "Mass", "scopes": ["pool:read"]}, {"key": "tl_mine", "created_by": "x", "role": "admin"}),
]
CHANGED = [
    ("/v1/customers/{customer}", ["owner_id", "owner", "pool_id", "kind", "customer_id"]),
    ("/v1/customers/{customer}/contacts/{contact}", ["customer_id", "contact_id"]),
    ("/v1/opportunities/{opportunity}", ["owner_id", "state", "stage_id", "pipeline_id", "closed_on", "external_id"]),
]


@pytest.fixture(scope="module")
def ids(records: Records) -> dict[str, str]:
    """The victim's own records: even they are not theirs to write in every field."""
    names = ("customer", "contact", "opportunity")
    return {name: str(getattr(records, name).id) for name in names}


def faults(person: Person, method: str, path: str, body: Body) -> set[str]:
    """The fields that a request is refused for."""
    headers = {"If-Match": '"1"'} if method == "PATCH" else {}
    problem = person.refusal(method, path, json=body, headers=headers)
    assert problem["status"] == 422
    return {fault["field"] for fault in problem["errors"] if fault["code"] == "extra_forbidden"}


@pytest.fixture(scope="module")
def secrets(company: Company) -> Iterator[list[str]]:
    """Secrets of all kinds that the suite has just taken or made."""
    with company.hire("Selma Secret") as person:
        credentials = {"name": person.name, "password": PASSWORD}
        refresh = company.stranger.post("/v1/auth/token", credentials)["refresh_token"]
        hook = company.admin.post("/v1/webhooks", {"url": "http://127.0.0.1:9/closed", "types": ["x"]})["secret"]
        key = company.admin.post("/v1/api-keys", {"name": f"Key {uuid4()}", "scopes": ["pool:read"]})["key"]
        yield [PASSWORD, refresh, hook, key, "$argon2", "whsec_"]


class TestMassAssignment:
    @pytest.mark.parametrize(("path", "body", "more"), CREATED)
    def test_who_creates_a_record_does_not_write_what_the_suite_writes(
        self, victim: Person, ids: dict[str, str], path: str, body: Body, more: Body
    ) -> None:
        body = {name: value.format(**ids) if isinstance(value, str) else value for name, value in body.items()}
        assert faults(victim, "POST", path.format(**ids), body | OWN | more) == {*OWN, *more}

    @pytest.mark.parametrize(("path", "body", "more"), MADE_BY_ADMINS)
    def test_nor_does_an_administrator(self, company: Company, path: str, body: Body, more: Body) -> None:
        assert faults(company.admin, "POST", path, body | OWN | more) == {*OWN, *more}

    @pytest.mark.parametrize(("path", "names"), CHANGED)
    def test_who_changes_a_record_moves_it_into_nobodys_hands(
        self, victim: Person, ids: dict[str, str], path: str, names: list[str]
    ) -> None:
        fields = {**OWN, **dict.fromkeys(names, SOMEBODY)}
        assert faults(victim, "PATCH", path.format(**ids), fields) == fields.keys()

    def test_a_rep_gives_a_new_record_to_nobody_else(
        self, victim: Person, attacker: Person, ids: dict[str, str]
    ) -> None:
        theirs = {"owner_id": attacker.id}
        given = victim.refusal("POST", "/v1/customers", json=new_customer("Given") | theirs)
        deal = victim.refusal(
            "POST", "/v1/opportunities", json={"customer_id": ids["customer"], "name": "Given", **theirs}
        )
        assert (given["code"], deal["errors"][0]["code"]) == ("customer.foreign_owner", "owner.not_yours")

    def test_a_rep_makes_themselves_no_administrator(self, company: Company, attacker: Person) -> None:
        before = attacker.get("/v1/me")
        headers = {"If-Match": f'"{before["version"]}"'}
        for changes in ({"role": "admin"}, {"department_id": None}, {"full_name": "Root"}, {"role": "integration"}):
            problem = attacker.refusal("PATCH", f"/v1/users/{attacker.id}", json=changes, headers=headers)
            assert (problem["status"], problem["code"]) == (403, "identity.admins_only")
        assert attacker.status("PATCH", "/v1/me", json={"role": "admin"}, headers=headers) == 405
        assert attacker.get("/v1/me") == before
        assert company.admin.get(f"/v1/users/{attacker.id}") == before

    def test_what_the_suite_reads_out_of_a_field_is_not_taken_from_the_caller(self, victim: Person) -> None:
        phones = [{"number": "+48 22 555 01 99", "e164": "+19005550100"}]
        made = victim.post("/v1/customers", new_customer("Phoned", phones=phones))
        assert made["phones"][0]["e164"] == "+48225550199"

    def test_an_unknown_field_changes_nothing_beside_the_known_ones(self, victim: Person, ids: dict[str, str]) -> None:
        before = victim.get(f"/v1/customers/{ids['customer']}")
        faults(victim, "PATCH", f"/v1/customers/{ids['customer']}", {"note": "slipped in", "owner_id": SOMEBODY})
        assert victim.get(f"/v1/customers/{ids['customer']}") == before


class TestAnswers:
    """What is secret stands in no answer but the one that shows it for the first time."""

    @pytest.mark.parametrize(
        "path",
        ["/v1/users", "/v1/me", "/v1/me/sessions", "/v1/api-keys", "/v1/webhooks", "/v1/audit",
         "/v1/events?since=2020-01-01T00:00:00Z&types=user.*,webhook.*"],
    )  # fmt: skip
    def test_no_list_shows_a_secret(self, company: Company, secrets: list[str], path: str) -> None:
        answer = company.admin.ask("GET", path)
        assert answer.status_code == 200
        assert [secret for secret in secrets if secret in answer.text] == []

    def test_no_documented_answer_has_a_field_for_one(self, company: Company) -> None:
        schemas = company.stranger.get("/openapi.json")["components"]["schemas"]
        suspicious = {
            f"{schema}.{name}"
            for schema in _answered(company.stranger.get("/openapi.json"))
            for name in schemas[schema].get("properties", {})
            if any(word in name for word in SECRET)
        }
        assert suspicious == SHOWN | CALLED_KEY | {"AccessToken.token_type"}

    def test_no_answer_has_a_field_that_is_not_documented(self, victim: Person, company: Company) -> None:
        document = company.stranger.get("/openapi.json")
        for path in ("/v1/me", "/v1/me/sessions", "/v1/customers", "/v1/opportunities", "/v1/pools", "/v1/notices"):
            schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            known = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
            assert victim.get(path).keys() == known.keys()


def _answered(document: Body) -> set[str]:
    """The names of all schemas that good answers are made of."""
    found: set[str] = set()
    answers: list[Any] = [
        operation["responses"][status]
        for operations in document["paths"].values()
        for operation in operations.values()
        for status in ("200", "201")
        if status in operation["responses"]
    ]
    while answers:
        for name in set(_references(answers.pop())) - found:
            found.add(name)
            answers.append(document["components"]["schemas"][name])
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        reference = str(node.get("$ref", ""))
        if reference.startswith("#/components/schemas/"):
            yield reference.rpartition("/")[2]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
