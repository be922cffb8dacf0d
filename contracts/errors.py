"""The five kinds of error that cross the wire. Kinds are closed, codes are open.

CallError
├── InvalidInput   the request can't be understood or breaks a rule of its fields; `fields` names each fault
├── NotPermitted   the caller is unknown or may not do this
├── NotFound       there is no such record, or the caller may not see it
├── Conflict       the record's state forbids it, now; `data` tells the state
└── Unavailable    the service can't answer now; `retry_after` says when to try again
"""

from typing import Any, ClassVar

from pydantic import BaseModel, Field


class FieldFault(BaseModel):
    """One fault of one field; `field` is its path in the request, e.g. `phones.0.number`."""

    field: str
    code: str
    message: str


class ErrorBody(BaseModel):
    """An error as it travels: kind, code and what the caller needs to act on it."""

    kind: str
    code: str
    detail: str
    fields: list[FieldFault] = Field(default_factory=list)
    data: dict[str, Any] = Field(default_factory=dict)
    retry_after: float | None = None


class CallError(Exception):
    """The root of the five. `code` is for programs (`pool.limit_reached`), `detail` a plain sentence for people."""

    kind: ClassVar[str]
    request_id: str = ""
    """What the logs have it under, where it came over HTTP."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        fields: list[FieldFault] | None = None,
        data: dict[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.fields = fields or []
        self.data = data or {}
        self.retry_after = retry_after

    def body(self) -> ErrorBody:
        """The error as it travels."""
        return ErrorBody(
            kind=self.kind,
            code=self.code,
            detail=self.detail,
            fields=self.fields,
            data=self.data,
            retry_after=self.retry_after,
        )


class InvalidInput(CallError):
    """The request can't be understood or breaks a rule of its fields."""

    kind = "InvalidInput"


class NotPermitted(CallError):
    """The caller is unknown (`auth.…` codes) or may not do this."""

    kind = "NotPermitted"


class NotFound(CallError):
    """There is no such record, or the caller may not see it."""

    kind = "NotFound"


class Conflict(CallError):
    """The record's state forbids it. Code `version.stale`: it changed since the caller read it."""

    kind = "Conflict"


class Unavailable(CallError):
    """No answer in time. `data["outcome"]` is `not_done` where the call surely had no effect, else `unknown`."""

    kind = "Unavailable"


KINDS: dict[str, type[CallError]] = {
    kind.kind: kind for kind in (InvalidInput, NotPermitted, NotFound, Conflict, Unavailable)
}


def error_from(body: ErrorBody) -> CallError:
    """The typed exception for an error that came over the wire; an unknown kind is Unavailable."""
    return KINDS.get(body.kind, Unavailable)(
        body.code, body.detail, fields=body.fields, data=body.data, retry_after=body.retry_after
    )


def fault(field: str, code: str, message: str) -> InvalidInput:
    """InvalidInput for a single field."""
    return InvalidInput(code, message, fields=[FieldFault(field=field, code=code, message=message)])
