"""Programs that call by API key: what their scopes open, in whose name things happen, and who makes the keys."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.e2e.client import Api, Body, Person, eventually
from tests.e2e.company import PASSWORD, Company, new_customer


def make_key(person: Person, *scopes: str) -> Body:
    """A key, with itself for this once."""
    return person.post("/v1/api-keys", {"name": f"Program {uuid4().hex}", "scopes": list(scopes)})


@pytest.fixture
def clerk(company: Company) -> Iterator[Api]:
    """A program that may change customers and look at opportunities."""
    key = make_key(company.admin, "customer:write", "opportunity:read")
    with Api(company.admin.url, token=key["key"]) as clerk:
        yield clerk


class TestScopes:
    def test_a_program_does_what_its_scopes_say(self, company: Company, clerk: Api) -> None:
        made = clerk.post("/v1/customers", new_customer("Synced", owner_id=company.admin.id))
        assert made["owner"]["id"] == company.admin.id
        assert clerk.get(f"/v1/customers/{made['id']}")["name"] == made["name"]
        assert clerk.get("/v1/opportunities", limit=1)["items"]

    @pytest.mark.parametrize(
        ("method", "path", "body", "scope"),
        [
            ("POST", "/v1/opportunities", {"customer_id": str(uuid4()), "name": "Deal"}, "opportunity:write"),
            ("GET", "/v1/pools", None, "pool:read"),
            ("GET", "/v1/users", None, "identity:read"),
            ("GET", "/v1/events", None, "events:read"),
            ("GET", "/v1/events/stream", None, "events:read"),
        ],
    )
    def test_what_it_lacks_is_named(self, clerk: Api, method: str, path: str, body: Body | None, scope: str) -> None:
        problem = clerk.refusal(method, path, json=body)
        assert (problem["status"], problem["code"], problem["data"]) == (403, "auth.scope_missing", {"scope": scope})

    @pytest.mark.parametrize("path", ["/v1/me", "/v1/api-keys", "/v1/webhooks", "/v1/notices", "/v1/audit"])
    def test_what_is_for_people_is_closed(self, clerk: Api, path: str) -> None:
        assert clerk.refusal("GET", path)["code"] == "auth.scope_missing"

    def test_the_360_view_shows_what_the_scopes_open(self, company: Company, clerk: Api) -> None:
        made = company.admin.post("/v1/customers", new_customer("Half seen"))
        view = clerk.get(f"/v1/customers/{made['id']}/360")
        assert {name: view[name]["status"] for name in ("customer", "opportunities", "holding", "activities")} == {
            "customer": "ok",
            "opportunities": "ok",
            "holding": "unavailable",
            "activities": "unavailable",
        }

    def test_a_customer_of_a_program_needs_a_holder(self, clerk: Api) -> None:
        problem = clerk.refusal("POST", "/v1/customers", json=new_customer("Nobody's"))
        assert (problem["status"], problem["code"]) == (422, "customer.holder_required")


class TestEvents:
    def test_a_program_reads_the_log_which_names_it(self, company: Company, clerk: Api) -> None:
        made = clerk.post("/v1/customers", new_customer("Logged", pool_id=company.pool_id()))
        key = company.admin.get("/v1/api-keys", limit=1)["items"][0]
        with Api(company.admin.url, token=make_key(company.admin, "events:read")["key"]) as reader:

            def told() -> list[Body]:
                page = reader.get("/v1/events", types="customer.created", since=made["created_at"])
                return [event for event in page["items"] if event["subject"] == made["id"]]

            eventually(told)
            (event,) = told()
        assert (event["actor"], event["actorname"]) == (f"user:{key['id']}", key["name"])

    def test_a_program_hears_the_live_stream_of_everything(self, company: Company, clerk: Api) -> None:
        key = make_key(company.admin, "events:read")["key"]
        headers = {"Authorization": f"Bearer {key}"}
        with (
            httpx.Client(base_url=company.admin.url, headers=headers, trust_env=False, timeout=60) as http,
            http.stream("GET", "/v1/events/stream", params={"types": "customer.created"}) as answer,
        ):
            lines = answer.iter_lines()
            assert next(lines) == ": welcome"
            made = clerk.post("/v1/customers", new_customer("Heard", pool_id=company.pool_id()))
            assert any(made["id"] in line for line in lines if line.startswith("data: "))


class TestKeys:
    def test_a_key_is_shown_once_and_listed_without_itself(self, company: Company) -> None:
        made = make_key(company.admin, "pool:read")
        assert made["key"].startswith("tl_")
        (listed,) = [each for each in company.admin.items("/v1/api-keys") if each["id"] == made["id"]]
        assert "key" not in listed
        assert listed["scopes"] == ["pool:read"]

    def test_a_revoked_key_that_was_not_at_work_is_refused_at_once(self, company: Company) -> None:
        made = make_key(company.admin, "pool:read")
        assert company.admin.status("DELETE", f"/v1/api-keys/{made['id']}") == 200
        with Api(company.admin.url, token=made["key"]) as program:
            problem = program.refusal("GET", "/v1/pools")
        assert (problem["status"], problem["code"]) == (401, "auth.invalid_api_key")

    def test_a_made_up_key_is_refused(self, company: Company) -> None:
        with Api(company.admin.url, token="tl_nonsense") as program:
            assert program.refusal("GET", "/v1/pools")["code"] == "auth.invalid_api_key"

    def test_a_key_has_no_place_in_an_address(self, company: Company) -> None:
        key = make_key(company.admin, "events:read")["key"]
        assert company.stranger.status("GET", f"/v1/events/stream?access_token={key}") == 401

    def test_only_administrators_make_them(self, company: Company) -> None:
        with company.hire("Rita Rep") as rep:
            problem = rep.refusal("POST", "/v1/api-keys", json={"name": "Mine", "scopes": ["pool:read"]})
        assert problem["code"] == "identity.admins_only"


class TestLeaving:
    def test_who_left_signs_in_no_more_until_they_come_back(self, company: Company) -> None:
        with company.hire("Lena Leaver") as leaver:
            company.admin.post(f"/v1/users/{leaver.id}/deactivations", {})
            credentials = {"name": leaver.name, "password": PASSWORD}
            assert company.stranger.status("POST", "/v1/auth/token", json=credentials) == 401
            company.admin.post(f"/v1/users/{leaver.id}/reactivations", {})
            company.stranger.post("/v1/auth/token", credentials)
