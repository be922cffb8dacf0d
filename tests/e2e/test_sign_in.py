"""Sessions over HTTP: refreshed, listed, ended, and told in the audit log."""

import httpx
import pytest

from tests.e2e.client import Api, Body
from tests.e2e.company import PASSWORD, Company


@pytest.fixture
def name(company: Company) -> str:
    """Somebody's login name."""
    with company.hire("Sessa Sessions") as somebody:
        return somebody.name


def sign_in(company: Company, name: str) -> Body:
    """Both tokens."""
    return company.stranger.post("/v1/auth/token", {"name": name, "password": PASSWORD})


def refresh(company: Company, tokens: Body) -> httpx.Response:
    """Whatever the answer is."""
    return company.stranger.ask("POST", "/v1/auth/refreshes", json={"refresh_token": tokens["refresh_token"]})


class TestSessions:
    def test_a_refreshed_pair_works_and_after_sign_out_none_does(self, company: Company, name: str) -> None:
        refreshed = refresh(company, sign_in(company, name)).json()
        with Api(company.suite.gateway_url, token=refreshed["access_token"]) as me:
            assert me.get("/v1/me")["name"] == name
        ended = company.stranger.post("/v1/auth/sign-outs", {"refresh_token": refreshed["refresh_token"]})
        assert ended == {"ended": 1}
        answer = refresh(company, refreshed)
        assert (answer.status_code, answer.json()["code"]) == (401, "auth.session_ended")

    def test_one_sees_where_one_is_signed_in_and_signs_out_everywhere(self, company: Company, name: str) -> None:
        tokens = [sign_in(company, name) for _ in range(2)]
        with Api(company.suite.gateway_url, token=tokens[0]["access_token"]) as me:
            listed = me.get("/v1/me/sessions")["items"]
            assert [each["address"] for each in listed] == ["127.0.0.1"] * 3
            assert [each["current"] for each in listed].count(True) == 1
            assert me.ask("DELETE", "/v1/me/sessions").json() == {"ended": 3}
        assert [refresh(company, each).status_code for each in tokens] == [401, 401]

    def test_a_new_password_is_good_and_the_old_one_is_not(self, company: Company, name: str) -> None:
        with company.sign_in(name) as me:
            wrong = me.refusal("POST", "/v1/me/passwords", json={"current": "guessed it", "new": "another password"})
            assert (wrong["status"], wrong["code"]) == (422, "identity.wrong_password")
            me.post("/v1/me/passwords", {"current": PASSWORD, "new": "another password"})
        assert company.stranger.status("POST", "/v1/auth/token", json={"name": name, "password": PASSWORD}) == 401
        new = {"name": name, "password": "another password"}
        assert company.stranger.status("POST", "/v1/auth/token", json=new) == 200

    def test_the_audit_log_tells_administrators_what_happened(self, company: Company, name: str) -> None:
        with company.sign_in(name) as me:
            company.admin.ask("DELETE", f"/v1/users/{me.id}/sessions").raise_for_status()
            told = company.admin.get("/v1/audit", actor=company.admin.id, action="sessions.ended")["items"][0]
            assert (told["target"], told["address"]) == (me.id, "127.0.0.1")
            assert me.refusal("GET", "/v1/audit")["code"] == "identity.auditors_only"

    def test_without_a_provider_people_are_told_to_use_their_password(self, company: Company) -> None:
        assert company.stranger.refusal("GET", "/v1/auth/oidc")["code"] == "auth.no_provider"
