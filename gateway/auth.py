"""Who calls: the bearer's token, checked here by public keys, becomes the context of all that the request does."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask
from flask import request as http

from contracts.errors import NotPermitted
from gateway.exchange import Exchange, is_api_key
from servicekit import context
from servicekit.context import Caller
from servicekit.tokens import Verifier

STREAM = "stream_events"
"""The endpoint of the live stream."""

V = TypeVar("V", bound=Callable[..., Any])


class Callers:
    """Knows callers by what they bear: a token, or an API key."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._exchange = Exchange()

    def identify(self, borne: str) -> tuple[str, Caller]:
        """The token to hand on, and whom it speaks for.

        NotPermitted: auth.invalid_token, auth.expired_token, auth.invalid_api_key.
        """
        token = self._exchange.token_for(borne) if is_api_key(borne) else borne
        caller = self._verifier.verify(token)
        if caller.kind == "system":  # processes speak over the broker; there, others may have read their tokens
            raise NotPermitted("auth.invalid_token", "The token is not valid.")
        return token, caller


def mount(app: Flask, callers: Callers) -> None:
    """Refuse requests without a valid token or API key, except on public routes."""

    @app.before_request
    def check() -> None:
        if http.routing_exception is not None or is_public(app):
            return
        token, caller = callers.identify(bearer())
        context.amend(token=token, caller=caller)


def public(view: V) -> V:
    """Mark a view as one that needs nobody to be signed in."""
    view.public = True  # type: ignore[attr-defined]  # functions take attributes
    return view


def is_public(app: Flask) -> bool:
    """Whether the route in hand needs nobody to be signed in."""
    view = app.view_functions.get(http.endpoint or "")
    return bool(getattr(view, "public", False))


def bearer() -> str:
    """The request's token or API key; a token as a parameter too, for EventSource, which sends no headers."""
    if http.endpoint == STREAM and "access_token" in http.args:
        if is_api_key(http.args["access_token"]):
            raise NotPermitted("auth.required", "Send an API key as a header: what stands in addresses gets logged.")
        return http.args["access_token"]
    scheme, _, token = http.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotPermitted("auth.required", "Send Authorization: Bearer and an access token or an API key.")
    return token.strip()
