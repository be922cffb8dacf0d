"""Signing in by name and password, and staying so: when tokens are renewed, how, and how often."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from contracts.customer.contacts import RemoveContact
from contracts.errors import NotPermitted, Unavailable
from contracts.identity.users import GetMe
from contracts.pool.pools import ListPools
from tests.integration.client.gateway import BadGateway, Step, answer, hang_up, refuse
from tideline_client import Client

ID = UUID(int=7)
POOLS = answer({"items": []})


REFRESH = "POST /v1/auth/refreshes"
SIGN_IN = "POST /v1/auth/token"


def token(name: str, *, seconds: int = 900, refresh: str | None = None) -> Step:
    return answer({"access_token": name, "expires_in": seconds, "refresh_token": refresh})


def signed_in(gateway: BadGateway) -> Client:
    return Client.sign_in(gateway.url, "ada", "correct horse")


def seen(gateway: BadGateway) -> list[tuple[str, str | None]]:
    """What was asked, and with which token."""
    return [(each.line, each.headers.get("authorization")) for each in gateway.got]


class TestSignIn:
    def test_one_token_serves_many_calls(self, gateway: BadGateway) -> None:
        gateway.will(token("first"), POOLS, POOLS)
        with signed_in(gateway) as client:
            client.call(ListPools())
            client.call(ListPools())
        assert gateway.got[0].body == {"name": "ada", "password": "correct horse"}
        pools = ("GET /v1/pools", "Bearer first")
        assert seen(gateway) == [(SIGN_IN, None), pools, pools]

    def test_a_wrong_password_is_told_at_once(self, gateway: BadGateway) -> None:
        gateway.will(refuse(401, "auth.bad_credentials"))
        with pytest.raises(NotPermitted, match=r"auth\.bad_credentials"):
            signed_in(gateway)

    def test_a_locked_name_is_told_at_once_with_its_time(self, gateway: BadGateway) -> None:
        gateway.will(refuse(429, "auth.locked", Retry_After="900"))
        with pytest.raises(NotPermitted) as refusal:
            signed_in(gateway)
        assert (refusal.value.code, refusal.value.retry_after) == ("auth.locked", 900)

    def test_it_is_repeated_on_a_bad_line(self, gateway: BadGateway) -> None:
        gateway.will(hang_up, token("first"), POOLS)
        with signed_in(gateway) as client:
            assert client.call(ListPools()).items == []


class TestRenewal:
    def test_a_token_that_has_ended_is_replaced_before_the_next_call(self, gateway: BadGateway) -> None:
        gateway.will(token("first", seconds=0), token("second"), POOLS)
        with signed_in(gateway) as client:
            client.call(ListPools())
        assert seen(gateway)[1:] == [(SIGN_IN, None), ("GET /v1/pools", "Bearer second")]

    def test_a_token_that_is_refused_is_replaced_once_and_the_call_made_again(self, gateway: BadGateway) -> None:
        gateway.will(token("first"), refuse(401, "auth.expired_token"), token("second"), POOLS)
        with signed_in(gateway) as client:
            client.call(ListPools())
        assert seen(gateway)[-1] == ("GET /v1/pools", "Bearer second")

    def test_when_the_new_one_is_refused_as_well_the_call_is(self, gateway: BadGateway) -> None:
        invalid = refuse(401, "auth.invalid_token")
        gateway.will(token("first"), invalid, token("second"), invalid)
        with signed_in(gateway) as client, pytest.raises(NotPermitted, match=r"auth\.invalid_token"):
            client.call(GetMe())

    def test_threads_that_find_it_ended_at_once_sign_in_once(self, gateway: BadGateway) -> None:
        gateway.will(token("first", seconds=0), token("second"), *[POOLS] * 8)
        with signed_in(gateway) as client, ThreadPoolExecutor(8) as threads:
            for done in [threads.submit(client.call, ListPools()) for _ in range(8)]:
                done.result()
        assert [line for line, _ in seen(gateway)].count(SIGN_IN) == 2

    def test_a_change_whose_token_can_not_be_had_was_surely_not_made(self, gateway: BadGateway) -> None:
        gateway.will(token("first", seconds=0), refuse(503, "database.busy", Retry_After="60"))
        with signed_in(gateway) as client, pytest.raises(Unavailable, match=r"database\.busy") as refusal:
            client.call(RemoveContact(customer_id=ID, contact_id=ID, version=1))
        assert refusal.value.data["outcome"] == "not_done"


class TestRefresh:
    def test_the_refresh_token_is_used_and_each_one_once(self, gateway: BadGateway) -> None:
        first, second = (token(name, seconds=0, refresh=f"r-{name}") for name in ("first", "second"))
        gateway.will(first, second, POOLS, token("third"), POOLS)
        with signed_in(gateway) as client:
            client.call(ListPools())
            client.call(ListPools())
        assert [each.body for each in gateway.got if each.line == REFRESH] == [
            {"refresh_token": "r-first"},
            {"refresh_token": "r-second"},
        ]
        assert seen(gateway)[-1] == ("GET /v1/pools", "Bearer third")

    @pytest.mark.parametrize("refusal", [refuse(401, "auth.session_ended"), refuse(422, "fields.invalid")])
    def test_a_session_that_has_ended_is_begun_anew_by_the_password(self, gateway: BadGateway, refusal: Step) -> None:
        gateway.will(token("first", seconds=0, refresh="spent"), refusal, token("second"), POOLS)
        with signed_in(gateway) as client:
            client.call(ListPools())
        assert [line for line, _ in seen(gateway)] == [SIGN_IN, REFRESH, SIGN_IN, "GET /v1/pools"]

    def test_it_is_repeated_on_a_bad_line(self, gateway: BadGateway) -> None:
        gateway.will(token("first", seconds=0, refresh="r"), hang_up, token("second"), POOLS)
        with signed_in(gateway) as client:
            client.call(ListPools())
        assert [line for line, _ in seen(gateway)] == [SIGN_IN, REFRESH, REFRESH, "GET /v1/pools"]


class TestGiven:
    def test_a_function_is_asked_for_a_token_each_time(self, gateway: BadGateway) -> None:
        tokens = iter(["first", "second"])
        gateway.will(POOLS, POOLS)
        with Client(gateway.url, token=lambda: next(tokens)) as client:
            client.call(ListPools())
            client.call(ListPools())
        assert [bearer for _, bearer in seen(gateway)] == ["Bearer first", "Bearer second"]

    @pytest.mark.parametrize("given", [{}, {"token": "a", "api_key": "b"}, {"api_key": ""}], ids=str)
    def test_just_one_proof_is_needed(self, given: dict[str, str]) -> None:
        with pytest.raises(ValueError, match=r"either a token or an api_key"):
            Client("http://127.0.0.1:1", token=given.get("token"), api_key=given.get("api_key"))

    def test_an_address_without_its_scheme_is_refused_by_what_is_missing(self) -> None:
        with pytest.raises(ValueError, match=r"crm\.example: write .* with http://"):
            Client("crm.example", token="t")
