"""Signing in and out, and who one is."""

from contracts.identity.sessions import (
    AccessToken,
    BeginProviderSignIn,
    ChangePassword,
    EndedSessions,
    EndMySessions,
    FinishProviderSignIn,
    ListMySessions,
    ProviderSignIn,
    RefreshTokens,
    SessionList,
    SignIn,
    SignOut,
)
from contracts.identity.users import GetMe, User
from gateway.routing import Api
from servicekit.rpc import call

api = Api("auth")

_PROVIDER_SECONDS = 9.0
"""Longer than identity waits for the provider, so that its own answer comes through."""


@api.public_post("/v1/auth/token")
def sign_in(request: SignIn) -> AccessToken:
    """Exchange a name and password for an access token."""
    return call(request)


@api.public_get("/v1/auth/oidc")
def begin_provider_sign_in(request: BeginProviderSignIn) -> ProviderSignIn:
    """Begin to sign in at the company's OpenID provider."""
    return call(request, timeout=_PROVIDER_SECONDS)


@api.public_post("/v1/auth/oidc")
def finish_provider_sign_in(request: FinishProviderSignIn) -> AccessToken:
    """Exchange what the provider sent back for tokens."""
    return call(request, timeout=_PROVIDER_SECONDS)


@api.public_post("/v1/auth/refreshes")
def refresh_tokens(request: RefreshTokens) -> AccessToken:
    """Exchange a refresh token for a new pair of tokens."""
    return call(request)


@api.public_post("/v1/auth/sign-outs")
def sign_out(request: SignOut) -> EndedSessions:
    """End the session that a refresh token belongs to."""
    return call(request)


@api.get("/v1/me")
def get_me(request: GetMe) -> User:
    """The caller's own record."""
    return call(request)


@api.get("/v1/me/sessions")
def list_my_sessions(request: ListMySessions) -> SessionList:
    """The caller's own sessions."""
    return call(request)


@api.delete("/v1/me/sessions")
def end_my_sessions(request: EndMySessions) -> EndedSessions:
    """Sign the caller out everywhere."""
    return call(request)


@api.post("/v1/me/passwords")
def change_password(request: ChangePassword) -> EndedSessions:
    """Change the caller's password; their other sessions end."""
    return call(request)
