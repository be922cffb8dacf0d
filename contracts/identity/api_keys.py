"""What the identity service answers about API keys: by which programs call, each with the scopes it was given."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.base import Message, Request
from contracts.identity.sessions import AccessToken
from contracts.scopes import Scope
from contracts.values import Day, Limit, Line

PREFIX = "tl_"
"""How every API key begins; a token never does."""

LONGEST_KEY = 200


class ApiKey(Message):
    """What is known of an API key. The events and histories of what it did name it by its id and name."""

    id: UUID
    name: str
    scopes: list[str]
    created_by: str
    """The name of the person who made it, or `cli`."""
    created_at: datetime
    expires_on: date | None
    """The last day (UTC) on which it works."""
    last_used_on: date | None
    revoked_at: datetime | None


class NewApiKey(ApiKey):
    """A key just made, with the key itself: it is shown this once."""

    key: str


class CreateApiKey(Request[NewApiKey], to="identity", shown_once=True):
    """Make a key for a program (admin, or the command line). NotPermitted: identity.admins_only.

    Conflict: api_key.name_taken (by one that is not revoked), api_key.too_many (of 200). InvalidInput:
    api_key.expired (the last day is past).
    """

    name: Line
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    expires_on: Day | None = None
    """The last day (UTC) on which it works; without one it works until it is revoked."""


class ApiKeyPage(Message):
    """A page of keys, the newest first; without the keys themselves, which nobody can show again."""

    items: list[ApiKey]
    next_cursor: str | None


class ListApiKeys(Request[ApiKeyPage], to="identity"):
    """All keys, also revoked and expired ones (admin, auditor, or the command line).

    NotPermitted: identity.auditors_only. InvalidInput: cursor.invalid.
    """

    limit: Limit = 50
    cursor: str | None = None


class GetApiKey(Request[ApiKey], to="identity"):
    """One key, without the key itself (admin, auditor, or the command line).

    NotPermitted: identity.auditors_only. NotFound: api_key.not_found.
    """

    key_id: UUID


class RevokeApiKey(Request[ApiKey], to="identity"):
    """End a key for good (admin, or the command line); tokens that it was exchanged for last 5 minutes at most.

    One that is revoked stays so. NotPermitted: identity.admins_only. NotFound: api_key.not_found.
    """

    key_id: UUID


class ExchangeApiKey(Request[AccessToken], to="identity"):
    """A token that speaks for a key, for 5 minutes at most; open to whoever has the key.

    NotPermitted: auth.invalid_api_key.
    """

    key: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_KEY)]
