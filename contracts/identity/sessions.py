"""What the identity service answers about sessions, OpenID Connect, new passwords and the audit log."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import StringConstraints

from contracts.base import Message, Request
from contracts.identity.users import Password
from contracts.values import Limit, Line, Moment, Value


class AccessToken(Message):
    """A bearer token and how many seconds it lives."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  the scheme's name, not a secret
    expires_in: int
    refresh_token: str | None = None
    """For a new pair of tokens by RefreshTokens; none for tokens that the command line asked for."""


class SignIn(Request[AccessToken], to="identity", shown_once=True):
    """Exchange a login name (in any case) and password for a token; open to callers who have none.

    NotPermitted: auth.bad_credentials, auth.locked (after 5 failures of a name, or 50 from an address, within 15
    minutes; `retry_after` says for how long). Unavailable: identity.busy (too many sign in at once).
    """

    name: Line
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class IssueToken(Request[AccessToken], to="identity"):
    """A token for a user without their password; only for the command line on the suite's own machine.

    NotPermitted: identity.command_line_only. NotFound: user.not_found.
    """

    name: Line


RefreshToken = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Opaque = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
"""What a provider or Tideline made and a client hands back as it is."""


class RefreshTokens(Request[AccessToken], to="identity", shown_once=True):
    """Exchange a refresh token for a new pair of tokens; open to callers whose access token has expired.

    A refresh token is good once. Within 10 seconds it is taken once more, from a client that lost the answer, and the
    pair given before is void; after that it ends the session. NotPermitted: auth.session_ended.
    """

    refresh_token: RefreshToken


class EndedSessions(Message):
    """How many sessions were ended. Their access tokens live on until they expire, 15 minutes at most by default."""

    ended: int


class SignOut(Request[EndedSessions], to="identity"):
    """End the session of a refresh token, whichever of the session's tokens it is; open to anybody who holds one."""

    refresh_token: RefreshToken


class Session(Value):
    """A sign-in that lives on by its refresh token."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    """When it was last refreshed."""
    expires_at: datetime
    """Unless it is refreshed before."""
    address: str | None
    """Where it was last used from."""
    current: bool
    """Whether the access token of this very request belongs to it."""


class SessionList(Message):
    """A person's sessions, the one used last on top; at most 50."""

    items: list[Session]


class ListMySessions(Request[SessionList], to="identity"):
    """The caller's own sessions. NotPermitted: auth.users_only."""


class EndMySessions(Request[EndedSessions], to="identity"):
    """Sign the caller out everywhere, here as well. NotPermitted: auth.users_only."""


class EndSessions(Request[EndedSessions], to="identity"):
    """Sign somebody out everywhere (admin, or the command line). NotPermitted: identity.admins_only.

    NotFound: user.not_found.
    """

    user_id: UUID


class ChangePassword(Request[EndedSessions], to="identity"):
    """Change one's own password; ends one's other sessions. InvalidInput: identity.wrong_password.

    NotPermitted: auth.users_only, auth.locked (wrong ones count as failed sign-ins). Unavailable: identity.busy.
    """

    current: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    new: Password


class SetPassword(Request[EndedSessions], to="identity"):
    """Give somebody a password (admin, or the command line); ends their sessions. NotPermitted: identity.admins_only.

    NotFound: user.not_found. Unavailable: identity.busy.
    """

    user_id: UUID
    password: Password


class ProviderSignIn(Message):
    """How to sign in at the company's OpenID provider."""

    authorization_url: str
    """Send the person's browser there; it comes back to the registered address with `code` and `state`."""
    state: str
    """Compare it with the one that comes back. Good for 10 minutes."""
    verifier: str
    """Keep it in the browser that began; without it the code is worth nothing."""


class BeginProviderSignIn(Request[ProviderSignIn], to="identity", shown_once=True):
    """Begin to sign in by OpenID Connect; open to callers who have no token.

    NotFound: auth.no_provider (none is set up). Unavailable: auth.provider_unavailable.
    """


class FinishProviderSignIn(Request[AccessToken], to="identity", shown_once=True):
    """Exchange what the provider sent back for tokens.

    NotPermitted: auth.provider_refused (the code, the state or the provider's token is not valid), auth.unknown_person
    (nobody active has this verified e-mail). NotFound: auth.no_provider. Unavailable: auth.provider_unavailable.
    """

    code: Opaque
    state: Opaque
    verifier: Opaque


class AuditActor(Value):
    """Who did it."""

    kind: Literal["user", "integration", "system"]
    id: str
    name: str


class AuditEntry(Value):
    """Something that was done, or tried."""

    id: UUID
    at: datetime
    actor: AuditActor | None
    """Null where nobody had proven who they are, as in a failed sign-in."""
    action: str
    """E.g. `sign_in.failed`, `user.updated`."""
    target: UUID | None
    """The user, department, API key or session that it was done to."""
    details: dict[str, Any]
    address: str | None
    """Where the request came from; null for what the suite or its command line did."""
    request_id: str


class AuditPage(Message):
    """A page of the audit log, the newest on top."""

    items: list[AuditEntry]
    next_cursor: str | None


class ListAuditEntries(Request[AuditPage], to="identity"):
    """The audit log of the last 400 days (admin, auditor). NotPermitted: identity.auditors_only."""

    actor: Line | None = None
    """A user's or an API key's id, or the name of a process."""
    action: Line | None = None
    since: Moment | None = None
    limit: Limit = 50
    cursor: str | None = None
