"""API2:2023. A caller is who identity's key says, for as long as it says; nothing else makes anybody somebody.

tests/e2e/test_errors.py proves that stripped signatures, `alg: none` and another process's signature are refused, and
tests/e2e/test_api_keys.py that a revoked key is; keys that were at work end within 5 minutes (test_exchange.py).
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from deploy.local.suite import Suite
from servicekit.tokens import Signer
from tests.e2e.client import Api, Body, Person
from tests.e2e.company import PASSWORD, Company

WRONG = "not the password"


class Forge:
    """Makes tokens as nobody should; the suite's keys are read to go wrong in one point at a time."""

    def __init__(self, suite: Suite, person: Person) -> None:
        self._keys = suite.folder / "keys"
        self._claims: Body = jwt.decode(person.token, options={"verify_signature": False})
        self.headers: Body = jwt.get_unverified_header(person.token)

    def signed(self, by: str = "identity", *, headers: Body | None = None, without: str = "", **claims: Any) -> str:
        """The person's claims with changes, under a process's signature."""
        key = load_pem_private_key((self._keys / f"{by}.pem").read_bytes(), password=None)
        told = {name: value for name, value in {**self._claims, **claims}.items() if name != without}
        return jwt.encode(told, key, algorithm="EdDSA", headers={**self.headers, **(headers or {})})  # type: ignore[arg-type]

    def by_secret(self, secret: bytes) -> str:
        """The claims as an administrator, signed by a secret that everybody knows: the public key."""
        parts = [{"alg": "HS256", "typ": "JWT", "kid": self.headers["kid"]}, {**self._claims, "role": "admin"}]
        signed = b".".join(_url64(json.dumps(part).encode()) for part in parts)
        return (signed + b"." + _url64(hmac.digest(secret, signed, hashlib.sha256))).decode()

    def tampered(self, token: str, **claims: Any) -> str:
        """Other claims under the signature of the real ones."""
        header, _, signature = token.split(".")
        return ".".join((header, _url64(json.dumps({**self._claims, **claims}).encode()).decode(), signature))

    def system_token(self, process: str) -> str:
        """What a process says of itself."""
        return Signer(self._keys / f"{process}.pem").system_token()

    def public_keys(self) -> list[bytes]:
        """Identity's public key in the forms that a careless verifier might take for a secret."""
        (key,) = [key for key in self._trusted() if key["kid"] == self.headers["kid"]]
        raw = base64.urlsafe_b64decode(key["x"] + "=")
        return [raw, key["x"].encode(), json.dumps(key).encode()]

    def _trusted(self) -> list[Body]:
        document: Body = json.loads((self._keys / "trusted.json").read_text())
        return list(document["keys"])


def _url64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


@pytest.fixture(scope="module")
def forge(suite: Suite, attacker: Person) -> Forge:
    return Forge(suite, attacker)


def refusal_of(company: Company, token: str) -> tuple[int, str]:
    """How somebody is refused who bears this."""
    headers = {"Authorization": f"Bearer {token}"}
    problem = company.stranger.refusal("GET", "/v1/customers", headers=headers)
    return problem["status"], problem["code"]


class TestTokens:
    def test_one_made_as_it_should_be_is_taken(self, forge: Forge, company: Company) -> None:
        assert company.stranger.status("GET", "/v1/me", headers={"Authorization": f"Bearer {forge.signed()}"}) == 200

    def test_the_public_key_is_no_secret_to_sign_with(self, forge: Forge, company: Company) -> None:
        for secret in forge.public_keys():
            assert refusal_of(company, forge.by_secret(secret)) == (401, "auth.invalid_token")

    @pytest.mark.parametrize(
        "claims",
        [{"aud": "crm.provider-sign-in"}, {"aud": []}, {"iss": "gateway"}, {"iss": "https://login.example"},
         {"sub": "admin"}, {"sub": None}, {"nbf": 4_000_000_000}, {"exp": "never"}],
    )  # fmt: skip
    def test_one_that_was_made_for_something_else_is_refused(
        self, forge: Forge, company: Company, claims: Body
    ) -> None:
        assert refusal_of(company, forge.signed(**claims)) == (401, "auth.invalid_token")

    @pytest.mark.parametrize("claim", ["exp", "aud", "iss", "sub", "role"])
    def test_one_that_leaves_something_out_is_refused(self, forge: Forge, company: Company, claim: str) -> None:
        assert refusal_of(company, forge.signed(without=claim)) == (401, "auth.invalid_token")

    def test_one_that_has_expired_is_refused_and_says_so(self, forge: Forge, company: Company) -> None:
        assert refusal_of(company, forge.signed(exp=int(time.time()) - 1)) == (401, "auth.expired_token")

    @pytest.mark.parametrize("kid", ["pool", "unknown", "", "identity.pem", "../identity", "identity' OR '1'='1"])
    def test_one_that_names_another_key_is_refused(self, forge: Forge, company: Company, kid: str) -> None:
        assert refusal_of(company, forge.signed(headers={"kid": kid})) == (401, "auth.invalid_token")

    def test_a_key_that_comes_with_the_token_proves_nothing(self, forge: Forge, company: Company) -> None:
        brought = {"kid": "mine", "jku": "https://attacker.example/jwks", "jwk": {"kty": "OKP", "crv": "Ed25519"}}
        assert refusal_of(company, forge.signed("gateway", headers=brought)) == (401, "auth.invalid_token")

    @pytest.mark.parametrize("process", ["pool", "gateway", "cli"])
    def test_no_other_process_speaks_for_people(self, forge: Forge, company: Company, process: str) -> None:
        own = jwt.get_unverified_header(forge.system_token(process))
        for headers in (own, forge.headers):
            for issuer in ("identity", process):
                token = forge.signed(process, headers=headers, iss=issuer, role="admin")
                assert refusal_of(company, token) == (401, "auth.invalid_token")

    def test_claims_do_not_change_under_their_signature(self, forge: Forge, company: Company, attacker: Person) -> None:
        for claims in ({"role": "admin"}, {"sub": company.admin.id}, {"exp": 4_000_000_000}):
            assert refusal_of(company, forge.tampered(attacker.token, **claims)) == (401, "auth.invalid_token")

    @pytest.mark.parametrize("process", ["identity", "pool", "gateway", "cli"])
    def test_what_a_process_says_of_itself_is_no_sign_in(self, forge: Forge, company: Company, process: str) -> None:
        for path in ("/v1/customers", "/v1/users", "/v1/events", "/v1/events/stream", "/v1/api-keys"):
            headers = {"Authorization": f"Bearer {forge.system_token(process)}"}
            problem = company.stranger.refusal("GET", path, headers=headers)
            assert (problem["status"], problem["code"]) == (401, "auth.invalid_token")

    @pytest.mark.parametrize("path", ["/v1/me", "/v1/customers", "/v1/events", "/v1/customers/{id}/360"])
    def test_one_in_an_address_is_none(self, company: Company, path: str) -> None:
        address = path.format(id="01890000-0000-7000-8000-000000000000")
        for name in ("access_token", "token", "api_key"):
            answer = company.stranger.ask("GET", address, params={name: company.admin.token})
            assert (answer.status_code, answer.json()["code"]) == (401, "auth.required")

    def test_one_in_a_cookie_is_none(self, company: Company) -> None:
        for name in ("access_token", "session", "Authorization"):
            assert company.stranger.status("GET", "/v1/me", headers={"Cookie": f"{name}={company.admin.token}"}) == 401


def sign_in(api: Api, name: str, password: str) -> tuple[int, Body]:
    """How a sign-in is answered, without what is new with each request."""
    answer = api.ask("POST", "/v1/auth/token", json={"name": name, "password": password})
    return answer.status_code, {key: value for key, value in answer.json().items() if key != "request_id"}


class TestGuessing:
    def test_after_five_wrong_passwords_the_right_one_opens_nothing_either(self, company: Company) -> None:
        with company.hire("Gustav Guessed") as person:
            guesses = [sign_in(company.stranger, person.name, f"{WRONG} {nth}")[0] for nth in range(5)]
            right = company.stranger.ask(
                "POST", "/v1/auth/token", json={"name": person.name.upper(), "password": PASSWORD}
            )
        assert guesses == [401] * 5
        assert (right.status_code, right.json()["code"]) == (429, "auth.locked")
        assert int(right.headers["Retry-After"]) > 60

    def test_a_name_that_nobody_has_says_and_costs_the_same(self, company: Company) -> None:
        with company.hire("Tina Timed") as person:
            unknown = f"{person.name}.unknown"
            answers, seconds = {}, dict.fromkeys((person.name, unknown), 60.0)
            for _ in range(3):
                for name in seconds:
                    began = time.monotonic()
                    answers[name] = sign_in(company.stranger, name, WRONG)
                    seconds[name] = min(seconds[name], time.monotonic() - began)
        assert answers[person.name] == answers[unknown]
        assert answers[unknown][0] == 401
        assert seconds[unknown] > seconds[person.name] / 3


class TestSessions:
    @pytest.fixture
    def tokens(self, company: Company) -> Iterator[Body]:
        """What a fresh sign-in gives."""
        with company.hire("Sasha Session") as person:
            _, tokens = sign_in(company.stranger, person.name, PASSWORD)
            yield tokens

    def test_a_refresh_token_that_comes_again_ends_the_session_for_the_thief_as_well(
        self, company: Company, tokens: Body
    ) -> None:
        newest = stolen = tokens["refresh_token"]
        for _ in range(2):
            newest = company.stranger.post("/v1/auth/refreshes", {"refresh_token": newest})["refresh_token"]
        for token in (stolen, newest):
            problem = company.stranger.refusal("POST", "/v1/auth/refreshes", json={"refresh_token": token})
            assert (problem["status"], problem["code"]) == (401, "auth.session_ended")

    def test_neither_token_does_the_work_of_the_other(self, company: Company, tokens: Body) -> None:
        assert refusal_of(company, tokens["refresh_token"]) == (401, "auth.invalid_token")
        swapped = {"refresh_token": tokens["access_token"][:200]}
        assert company.stranger.refusal("POST", "/v1/auth/refreshes", json=swapped)["code"] == "auth.session_ended"

    def test_tokens_are_kept_by_no_cache_and_in_no_cookie(self, company: Company, attacker: Person) -> None:
        credentials = {"name": attacker.name, "password": PASSWORD}
        answer = company.stranger.ask("POST", "/v1/auth/token", json=credentials)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
