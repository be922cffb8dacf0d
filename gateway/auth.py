"""Who calls: the bearer token, checked here by public keys, becomes the context of all that the request does."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask
from flask import request as http

from contracts.errors import NotPermitted
from servicekit import context
from servicekit.tokens import Verifier

STREAM = "stream_events"
"""The endpoint of the live stream."""

V = TypeVar("V", bound=Callable[..., Any])


def mount(app: Flask, verifier: Verifier) -> None:
    """Refuse requests without a valid token, except on public routes."""

    @app.before_request
    def check() -> None:
        if http.routing_exception is not None or is_public(app):
            return
        token = bearer()
        context.amend(token=token, caller=verifier.verify(token))


def public(view: V) -> V:
    """Mark a view as one that needs nobody to be signed in."""
    view.public = True  # type: ignore[attr-defined]  # functions take attributes
    return view


def is_public(app: Flask) -> bool:
    """Whether the route in hand needs nobody to be signed in."""
    view = app.view_functions.get(http.endpoint or "")
    return bool(getattr(view, "public", False))


def bearer() -> str:
    """The request's token. A browser's EventSource can't send headers, so its route takes it as a parameter too."""
    if http.endpoint == STREAM and "access_token" in http.args:
        return http.args["access_token"]
    scheme, _, token = http.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotPermitted("auth.required", "Send Authorization: Bearer and an access token.")
    return token.strip()
