"""Signing in, and who one is."""

from contracts.identity import AccessToken, GetMe, SignIn, User
from gateway.routing import Api
from servicekit.rpc import call

api = Api("auth")


@api.public_post("/v1/auth/token")
def sign_in(request: SignIn) -> AccessToken:
    """Exchange a name and password for an access token."""
    return call(request)


@api.get("/v1/me")
def get_me(request: GetMe) -> User:
    """The caller's own record."""
    return call(request)
