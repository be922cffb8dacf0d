"""Sign-in at an OpenID provider: a whole one (oidc-provider-mock), and a crooked one for what must be refused."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from contracts.errors import NotFound, NotPermitted, Unavailable
from contracts.identity.sessions import AccessToken, FinishProviderSignIn
from contracts.identity.users import User
from deploy.local.ports import LOOPBACK, free_port, is_free
from servicekit.database import Database, new_id
from servicekit.testing import refused, wait_until
from servicekit.tokens import Signer, Verifier
from services.identity import models
from services.identity.issuer import Issuer
from services.identity.openid import OpenId
from services.identity.operations import provider_sign_in
from services.identity.settings import OpenIdSettings
from tests.integration.identity.acting import HOME, at, audited, somebody
from tests.integration.identity.crooked import CLIENT, CrookedProvider, crooked_provider

BACK = "http://localhost:1/signed-in"

Connect = Callable[[str], OpenId]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The issuer's address. It runs as a process of its own: what it is built on warns of what it will do without."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: not is_free(LOOPBACK, port))
        yield f"http://{LOOPBACK}:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def crooked() -> Iterator[CrookedProvider]:
    """One that can be bent."""
    with crooked_provider() as running:
        yield running


@pytest.fixture
def connect(signer: Signer, verifier: Verifier) -> Iterator[Connect]:
    """Set up for a provider."""
    made: list[OpenId] = []

    def connected(issuer: str) -> OpenId:
        settings = OpenIdSettings(
            issuer=issuer, client_id=CLIENT, client_secret=SecretStr("s3cret/&"), redirect_url=BACK
        )
        made.append(OpenId(settings, signer, verifier))
        return made[-1]

    yield connected
    for each in made:
        each.close()


def an_email() -> str:
    """One that no other test uses."""
    return f"ada-{new_id().hex}@acme.example"


def come_back(openid: OpenId, provider: str, claims: dict[str, Any], *, subject: str) -> FinishProviderSignIn:
    """What a browser brings back in which this subject has signed in at the provider."""
    httpx.put(f"{provider}/users/{subject}", json=claims).raise_for_status()
    begun = openid.begin()
    answer = httpx.post(begun.authorization_url, data={"sub": subject})
    brought = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.headers["location"].startswith(BACK)
    assert brought["state"] == [begun.state]
    return FinishProviderSignIn(code=brought["code"][0], state=begun.state, verifier=begun.verifier)


def finish(database: Database, issuer: Issuer, openid: OpenId, request: FinishProviderSignIn) -> AccessToken:
    """Tokens for it."""
    with at(database, HOME) as db:
        return provider_sign_in.finish(db, request, openid=openid, issuer=issuer)


class TestSignInAtTheProvider:
    def test_a_verified_email_is_who_one_is_and_from_then_on_the_subject(
        self, database: Database, issuer: Issuer, verifier: Verifier, provider: str, connect: Connect
    ) -> None:
        email, subject = an_email(), new_id().hex
        person, openid = somebody(database, email=email), connect(provider)
        claims = {"email": email.upper(), "email_verified": True}
        token = finish(database, issuer, openid, come_back(openid, provider, claims, subject=subject))
        assert verifier.verify(token.access_token).id == str(person.id)
        assert token.refresh_token
        moved = {"email": an_email(), "email_verified": True}
        token = finish(database, issuer, openid, come_back(openid, provider, moved, subject=subject))
        assert verifier.verify(token.access_token).id == str(person.id)
        assert [entry.action for entry in audited(database, person)][1:] == ["sign_in.succeeded"] * 2

    @pytest.mark.parametrize("verified", [False, None, "true"])
    def test_an_email_that_the_provider_did_not_verify_is_nobodys(
        self, database: Database, issuer: Issuer, provider: str, connect: Connect, verified: object
    ) -> None:
        email, openid = an_email(), connect(provider)
        somebody(database, email=email)
        claims = {"email": email, "email_verified": verified}
        request = come_back(openid, provider, claims, subject=new_id().hex)
        with refused(NotPermitted, "auth.unknown_person"):
            finish(database, issuer, openid, request)

    def test_unknown_people_and_addresses_that_two_share_are_refused(
        self, database: Database, issuer: Issuer, provider: str, connect: Connect
    ) -> None:
        shared, openid = an_email(), connect(provider)
        somebody(database, email=shared)
        somebody(database, email=shared)
        for email in (an_email(), shared):
            claims = {"email": email, "email_verified": True}
            request = come_back(openid, provider, claims, subject=new_id().hex)
            with refused(NotPermitted, "auth.unknown_person"):
                finish(database, issuer, openid, request)

    @pytest.mark.parametrize("known_before", [True, False])
    def test_an_inactive_person_is_refused(
        self, database: Database, issuer: Issuer, provider: str, connect: Connect, known_before: bool
    ) -> None:
        email, subject, openid = an_email(), new_id().hex, connect(provider)
        person, claims = somebody(database, email=email), {"email": email, "email_verified": True}
        if known_before:
            finish(database, issuer, openid, come_back(openid, provider, claims, subject=subject))
        with database.transaction() as db:
            db.get_one(models.User, person.id).active = False
        with refused(NotPermitted, "auth.unknown_person"):
            finish(database, issuer, openid, come_back(openid, provider, claims, subject=subject))

    def test_an_address_that_was_given_to_a_newcomer_does_not_make_them_the_former_holder(
        self, database: Database, issuer: Issuer, provider: str, connect: Connect
    ) -> None:
        email, openid = an_email(), connect(provider)
        somebody(database, email=email)
        claims = {"email": email, "email_verified": True}
        finish(database, issuer, openid, come_back(openid, provider, claims, subject=new_id().hex))
        with refused(NotPermitted, "auth.unknown_person"):
            finish(database, issuer, openid, come_back(openid, provider, claims, subject=new_id().hex))

    def test_a_code_is_good_once(self, database: Database, issuer: Issuer, provider: str, connect: Connect) -> None:
        email, openid = an_email(), connect(provider)
        somebody(database, email=email)
        claims = {"email": email, "email_verified": True}
        request = come_back(openid, provider, claims, subject=new_id().hex)
        finish(database, issuer, openid, request)
        with refused(NotPermitted, "auth.provider_refused"):
            finish(database, issuer, openid, request)


@pytest.fixture
def known(database: Database, crooked: CrookedProvider) -> User:
    """Whom the crooked provider names."""
    email = an_email()
    crooked.claims = {"email": email, "email_verified": True}
    return somebody(database, email=email)


def go_on(database: Database, issuer: Issuer, openid: OpenId, crooked: CrookedProvider, **bent: Any) -> AccessToken:
    """A sign-in at the crooked provider, whose token says these things too."""
    begun = openid.begin()
    nonce = parse_qs(urlsplit(begun.authorization_url).query)["nonce"][0]
    crooked.claims = {"nonce": nonce, **crooked.claims, **bent}
    return finish(
        database, issuer, openid, FinishProviderSignIn(code="any", state=begun.state, verifier=begun.verifier)
    )


class TestWhatTheProvidersTokenMustSay:
    def test_a_decent_one_is_taken(
        self,
        database: Database,
        issuer: Issuer,
        verifier: Verifier,
        connect: Connect,
        crooked: CrookedProvider,
        known: User,
    ) -> None:
        token = go_on(database, issuer, connect(crooked.url), crooked)
        assert verifier.verify(token.access_token).id == str(known.id)

    @pytest.mark.usefixtures("known")
    @pytest.mark.parametrize(
        "bent",
        [
            {"iss": "https://elsewhere.example"},
            {"aud": "another-client"},
            {"aud": [CLIENT, "another-client"], "azp": "another-client"},
            {"exp": 1_700_000_000},
            {"exp": None},
            {"sub": None},
            {"nonce": "of another sign-in"},
            {"nonce": None},
        ],
        ids=str,
    )
    def test_one_for_others_or_of_another_time_is_refused(
        self, database: Database, issuer: Issuer, connect: Connect, crooked: CrookedProvider, bent: dict[str, Any]
    ) -> None:
        with refused(NotPermitted, "auth.provider_refused"):
            go_on(database, issuer, connect(crooked.url), crooked, **bent)

    @pytest.mark.usefixtures("known")
    @pytest.mark.parametrize(
        "signing",
        [
            {"key": None, "algorithm": "none"},
            {"key": "s3cret/&, and long enough for any", "algorithm": "HS256"},
            {"key": CrookedProvider().key, "algorithm": "RS256"},
        ],
        ids=lambda signing: signing["algorithm"],
    )
    def test_one_that_is_not_signed_by_the_providers_key_is_refused(
        self, database: Database, issuer: Issuer, connect: Connect, crooked: CrookedProvider, signing: dict[str, Any]
    ) -> None:
        crooked.signing = signing
        with refused(NotPermitted, "auth.provider_refused"):
            go_on(database, issuer, connect(crooked.url), crooked)


class TestTheState:
    @pytest.fixture
    def openid(self, connect: Connect, crooked: CrookedProvider) -> OpenId:
        return connect(crooked.url)

    @staticmethod
    def refuse(database: Database, issuer: Issuer, openid: OpenId, *, state: str, verifier: str) -> None:
        request = FinishProviderSignIn(code="any", state=state, verifier=verifier)
        with refused(NotPermitted, "auth.provider_refused"):
            finish(database, issuer, openid, request)

    def test_only_the_browser_that_began_can_finish(self, database: Database, issuer: Issuer, openid: OpenId) -> None:
        self.refuse(database, issuer, openid, state=openid.begin().state, verifier=openid.begin().verifier)

    def test_a_made_up_one_is_refused(self, database: Database, issuer: Issuer, openid: OpenId) -> None:
        self.refuse(database, issuer, openid, state="made up", verifier=openid.begin().verifier)

    def test_a_token_of_ours_is_no_state_and_a_state_no_token(
        self, database: Database, issuer: Issuer, openid: OpenId, signer: Signer, verifier: Verifier
    ) -> None:
        begun = openid.begin()
        self.refuse(database, issuer, openid, state=signer.system_token(), verifier=begun.verifier)
        with refused(NotPermitted, "auth.invalid_token"):
            verifier.verify(begun.state)

    def test_it_is_good_for_ten_minutes(
        self, database: Database, issuer: Issuer, openid: OpenId, signer: Signer, verifier: Verifier
    ) -> None:
        begun = openid.begin()
        said = verifier.claims(begun.state, audience="crm-oidc")
        assert said["exp"] - said["iat"] == 600
        late = signer.sign(
            {name: said[name] for name in ("sub", "nonce", "challenge")}, seconds=-1, audience="crm-oidc"
        )
        self.refuse(database, issuer, openid, state=late, verifier=begun.verifier)


class TestAProviderThatIsAway:
    def test_without_one_people_are_told_to_use_their_password(self, signer: Signer, verifier: Verifier) -> None:
        with refused(NotFound, "auth.no_provider"):
            OpenId(OpenIdSettings(), signer, verifier).begin()

    def test_one_that_does_not_answer_is_unavailable(self, connect: Connect) -> None:
        with refused(Unavailable, "auth.provider_unavailable"):
            connect("http://localhost:1").begin()

    @pytest.mark.parametrize("status", [404, 500])
    def test_one_that_fails_is_unavailable(self, connect: Connect, crooked: CrookedProvider, status: int) -> None:
        crooked.status = status
        with refused(Unavailable, "auth.provider_unavailable"):
            connect(crooked.url).begin()

    def test_one_that_answers_a_code_without_an_id_token_is_unavailable_and_its_answer_is_not_logged(
        self,
        database: Database,
        issuer: Issuer,
        connect: Connect,
        crooked: CrookedProvider,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        crooked.answer = {"access_token": "not for the log"}
        with refused(Unavailable, "auth.provider_unavailable"):
            go_on(database, issuer, connect(crooked.url), crooked)
        assert "not for the log" not in capsys.readouterr().out

    def test_one_that_calls_itself_otherwise_is_not_trusted(self, connect: Connect, crooked: CrookedProvider) -> None:
        crooked.configuration = {"issuer": "https://elsewhere.example"}
        with refused(Unavailable, "auth.provider_unavailable"):
            connect(crooked.url).begin()


class TestOpenIdSettings:
    @pytest.mark.parametrize(
        "given",
        [
            {"issuer": "https://login.acme.example"},
            {"issuer": "https://login.acme.example", "client_id": CLIENT},
            {"issuer": "http://login.acme.example", "client_id": CLIENT, "redirect_url": BACK},
        ],
    )
    def test_half_of_them_or_an_issuer_without_tls_are_refused_by_name(self, given: dict[str, str]) -> None:
        with pytest.raises(ValueError, match="CRM_OIDC_ISSUER"):
            OpenIdSettings.model_validate(given)
