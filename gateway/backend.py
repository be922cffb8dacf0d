"""The services behind the gateway: which there are, and whether they answer."""

from contracts.base import GetHealth
from contracts.errors import CallError
from contracts.operations import SERVICES
from servicekit.rpc import send

_PROBE_SECONDS = 2.0


def states() -> dict[str, str]:
    """`ok`, or the code of what is wrong, per service; all are asked at once."""
    asked: dict[str, object] = {}
    for service in SERVICES:
        try:
            asked[service] = send(GetHealth(), to=service, timeout=_PROBE_SECONDS)
        except CallError as error:
            asked[service] = error
    return {service: _state(pending) for service, pending in asked.items()}


def _state(pending: object) -> str:
    if isinstance(pending, CallError):
        return pending.code
    try:
        pending.result()  # type: ignore[attr-defined]  # else it is a Pending
    except CallError as error:
        return error.code
    return "ok"
