"""Sign-in by OpenID Connect, authorization code with PKCE; nothing is kept of a sign-in that has begun.

What must come back unchanged travels as `state`, signed with this service's own key, so any process can finish. The
verifier stays in the browser that began, which alone can finish.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import compare_digest, token_urlsafe
from typing import Any
from urllib.parse import urlencode

from nameko.extensions import DependencyProvider

from contracts.errors import NotFound, NotPermitted
from contracts.identity.sessions import FinishProviderSignIn, ProviderSignIn
from servicekit.runtime import runtime_of
from servicekit.settings import load
from servicekit.tokens import PEOPLE_ISSUER, Signer, Verifier
from services.identity.openid_provider import OpenIdProvider, ProvenPerson, refused
from services.identity.settings import OpenIdSettings

_AUDIENCE = "crm-oidc"
_SECONDS = 600


class OpenId:
    """Sends people to the provider that is set up, and takes them back from there."""

    def __init__(self, settings: OpenIdSettings, signer: Signer, verifier: Verifier) -> None:
        self._settings = settings
        self._signer = signer
        self._verifier = verifier
        self._provider = OpenIdProvider(settings, settings.issuer) if settings.issuer else None

    def begin(self) -> ProviderSignIn:
        """Where to send a browser. NotFound: auth.no_provider. Unavailable: auth.provider_unavailable."""
        endpoint = self._required().configuration().authorization_endpoint
        verifier, nonce = token_urlsafe(48), token_urlsafe(24)
        challenge = _challenge(verifier)
        said = {"sub": PEOPLE_ISSUER, "nonce": nonce, "challenge": challenge}
        state = self._signer.sign(said, seconds=_SECONDS, audience=_AUDIENCE)
        asked = {
            "response_type": "code",
            "scope": "openid email",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_url,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        url = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"
        return ProviderSignIn(authorization_url=url, state=state, verifier=verifier)

    def finish(self, request: FinishProviderSignIn) -> ProvenPerson:
        """Who has come back. NotPermitted: auth.provider_refused. Else as begin()."""
        provider = self._required()
        try:
            state = self._verifier.claims(request.state, audience=_AUDIENCE)
        except NotPermitted:
            raise refused("This sign-in took too long, or did not begin here. Begin again.") from None
        begun_here = state["iss"] == PEOPLE_ISSUER and compare_digest(state["challenge"], _challenge(request.verifier))
        if not begun_here:
            raise refused("This sign-in did not begin in this browser. Begin again.")
        return provider.person_behind(request.code, verifier=request.verifier, nonce=state["nonce"])

    def close(self) -> None:
        """Hang up."""
        if self._provider is not None:
            self._provider.close()

    def _required(self) -> OpenIdProvider:
        if self._provider is None:
            raise NotFound("auth.no_provider", "No OpenID provider is set up. Sign in by name and password.")
        return self._provider


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


class OpenIdExtension(DependencyProvider):  # type: ignore[misc]  # nameko ships no types
    """Gives the service its OpenId. It is made at start, so that a bad setting is known at once."""

    def setup(self) -> None:
        """Read the settings; the provider itself is asked when somebody signs in."""
        runtime = runtime_of(self.container)
        self._openid = OpenId(load(OpenIdSettings), runtime.signer, runtime.verifier)

    def stop(self) -> None:
        """Hang up."""
        self._openid.close()

    def get_dependency(self, _worker: Any) -> OpenId:
        """The same one for every worker."""
        return self._openid
