"""The company's OpenID provider over HTTP: what it says of itself, a code for an ID token, and that token, checked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from urllib.parse import quote

import eventlet
import httpx
import jwt
from pydantic import BaseModel, ConfigDict

from contracts.errors import NotPermitted, Unavailable
from servicekit.logging import get_logger
from services.identity.settings import OpenIdSettings

log = get_logger(__name__)

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Each needs the provider's private key; `none`, and those that take a shared secret, are not among them."""
_CLOCKS_APART_SECONDS = 60
_CONFIGURATION_SECONDS = 3_600
_KEYS_SECONDS = 300
_ONE_ANSWER_SECONDS = 3
_ALL_ANSWERS_SECONDS = 8


class Configuration(BaseModel):
    """What the provider says of itself, as far as it is needed here."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class _Tokens(BaseModel):
    """The provider's answer to a code; what is wrong with one is logged without what it holds."""

    model_config = ConfigDict(hide_input_in_errors=True)

    id_token: str


@dataclass(frozen=True, slots=True)
class ProvenPerson:
    """Whom the provider vouches for; the e-mail only where it has verified it."""

    issuer: str
    subject: str
    email: str | None


class OpenIdProvider:
    """The provider that the settings name. Each question has its time-out."""

    def __init__(self, settings: OpenIdSettings, issuer: str) -> None:
        self._settings = settings
        self._issuer = issuer
        self._known: tuple[Configuration, jwt.PyJWKClient] | None = None
        self._known_until = 0.0
        self._http = httpx.Client(timeout=_ONE_ANSWER_SECONDS)

    def configuration(self) -> Configuration:
        """What the provider says of itself. Unavailable: auth.provider_unavailable."""
        with _answering():
            return self._configuration()[0]

    def person_behind(self, code: str, *, verifier: str, nonce: str) -> ProvenPerson:
        """Whom a code stands for. NotPermitted: auth.provider_refused. Unavailable: auth.provider_unavailable."""
        with _answering():
            configuration, keys = self._configuration()
            id_token = self._exchange(configuration, code, verifier)
            return self._read(id_token, keys, nonce)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _configuration(self) -> tuple[Configuration, jwt.PyJWKClient]:
        if self._known is None or self._known_until < monotonic():
            answer = self._http.get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            found = Configuration.model_validate_json(answer.raise_for_status().content)
            if found.issuer != self._issuer:
                raise ValueError(
                    f"CRM_OIDC_ISSUER is {self._issuer}, but the provider there calls itself {found.issuer}"
                )
            keys = jwt.PyJWKClient(found.jwks_uri, lifespan=_KEYS_SECONDS, timeout=_ONE_ANSWER_SECONDS)
            self._known, self._known_until = (found, keys), monotonic() + _CONFIGURATION_SECONDS
        return self._known

    def _exchange(self, configuration: Configuration, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.redirect_url,
            "code_verifier": verifier,
            "client_id": self._settings.client_id,
        }
        answer = self._http.post(configuration.token_endpoint, data=form, auth=self._client(configuration, form))
        if answer.is_client_error:
            log.warning("the OpenID provider refused a code", status=answer.status_code)
            raise refused("The sign-in provider did not accept this sign-in. Begin again.")
        return _Tokens.model_validate_json(answer.raise_for_status().content).id_token

    def _client(self, configuration: Configuration, form: dict[str, str]) -> httpx.Auth:
        """Proof of who asks, in the header as most providers want it, or in the form."""
        if self._settings.client_secret is None:
            return httpx.Auth()
        name, secret = self._settings.client_id, self._settings.client_secret.get_secret_value()
        if "client_secret_basic" in configuration.token_endpoint_auth_methods_supported:
            return httpx.BasicAuth(quote(name, safe=""), quote(secret, safe=""))
        form["client_secret"] = secret
        return httpx.Auth()

    def _read(self, id_token: str, keys: jwt.PyJWKClient, nonce: str) -> ProvenPerson:
        try:
            claims = jwt.decode(
                id_token,
                _key_of(id_token, keys).key,
                algorithms=_ALGORITHMS,
                audience=self._settings.client_id,
                issuer=self._issuer,
                leeway=_CLOCKS_APART_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
            )
            if claims["nonce"] != nonce or claims.get("azp", self._settings.client_id) != self._settings.client_id:
                raise jwt.InvalidTokenError("it was made for another sign-in or another client")
        except jwt.PyJWKClientConnectionError:
            raise
        except jwt.PyJWTError as error:
            log.warning("the OpenID provider's token is not valid", reason=str(error))
            raise refused("The sign-in provider's answer is not valid. Begin again.") from None
        email = claims.get("email") if claims.get("email_verified") is True else None
        return ProvenPerson(self._issuer, str(claims["sub"]), email)


def _key_of(id_token: str, keys: jwt.PyJWKClient) -> jwt.PyJWK:
    """The key that a token names; a provider that has just one may leave the name out."""
    key_id = jwt.get_unverified_header(id_token).get("kid")
    if key_id is None and len(keys.get_jwk_set().keys) == 1:
        return keys.get_jwk_set().keys[0]
    return keys.get_signing_key(str(key_id))


def refused(detail: str) -> NotPermitted:
    """The refusal of what a provider, or whoever speaks in its name, sent back."""
    return NotPermitted("auth.provider_refused", detail)


@contextmanager
def _answering() -> Iterator[None]:
    late = TimeoutError(f"no answer in {_ALL_ANSWERS_SECONDS} s")
    try:
        with eventlet.Timeout(_ALL_ANSWERS_SECONDS, late):
            yield
    except (httpx.HTTPError, jwt.PyJWKClientError, TimeoutError, ValueError) as error:
        log.warning("the OpenID provider can't be asked", reason=str(error))
        message = "The sign-in provider does not answer as it should. Try again."
        raise Unavailable("auth.provider_unavailable", message, retry_after=5) from None
