"""Loaded by schemathesis: has generated requests speak of real records, and checks what only this API promises."""

import json
import os
from typing import Any
from uuid import UUID

import httpx
import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.checks import CheckContext

RECORDS = "SCHEMATHESIS_RECORDS"
PROBLEM = "application/problem+json"
_NOWHERE = {"url": "http://127.0.0.1:9/hooks", "types": ["nothing.at_all"]}
_BLAMED_ON_FORM = {"fields.invalid", "request.malformed", "request.media_type"}
_ANSWER_SECONDS = 30

_records: dict[str, Any] = json.loads(os.environ[RECORDS])


@schemathesis.hook
def before_call(_context: HookContext, case: "Case[Any]", _kwargs: dict[str, Any]) -> None:
    """Name real records in all that is well-formed about a request, and do no harm with it."""
    case.path_parameters = _with_ids(case.path_parameters)
    case.query = _with_ids(case.query)
    case.body = _harmless(case.path, _with_ids(case.body))
    _match(case)


@schemathesis.check
def accepts_or_says_why(_ctx: CheckContext, response: Response, case: "Case[Any]") -> None:
    """What the schema allows is done, or refused for a reason that only the records know."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in {400, 415, 422}:
        return
    problem = response.json()
    if problem["code"] in _BLAMED_ON_FORM and not all(map(_beyond_schemas, problem.get("errors", [None]))):
        raise AssertionError(f"The document allows what was refused: {problem}")


def _beyond_schemas(fault: dict[str, Any] | None) -> bool:
    """What no schema says: which shapes a tree's nodes have, and which domains are reserved."""
    return fault is not None and (fault["code"] == "rule" or "special-use" in fault["message"])


@schemathesis.check
def documents_its_code(_ctx: CheckContext, response: Response, case: "Case[Any]") -> None:
    """Each error's code stands in the document beside its status."""
    documented = case.operation.definition.raw["responses"].get(str(response.status_code))
    if response.status_code < 400 or documented is None:
        return
    code = response.json()["code"]
    if code not in _resolved(case, documented)["content"][PROBLEM]["examples"]:
        raise AssertionError(f"{code} is not documented with {response.status_code}")


def _with_ids(node: Any, name: str = "") -> Any:
    if isinstance(node, dict):
        return {key: _with_ids(value, key) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_ids(value, name.removesuffix("s")) for value in node]
    return _records["ids"].get(name, node) if _is_id(node) else node


def _is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False


def _harmless(path: str, body: Any) -> Any:
    """No sign-in fails, which would lock this address out; no webhook leads anywhere or hears of anything."""
    if not isinstance(body, dict):
        return body
    if path == "/v1/auth/token" and body.keys() == _records["login"].keys():
        good = all(isinstance(value, str) and value.strip() and len(value) <= 200 for value in body.values())
        return _records["login"] if good else body
    if path.startswith("/v1/webhooks"):
        return body | {name: safe for name, safe in _NOWHERE.items() if isinstance(body.get(name), type(safe))}
    return body


def _match(case: "Case[Any]") -> None:
    """Put the present version where a generated one stands: else every change would be refused as stale."""
    given = str(case.headers.get("If-Match", "")) if case.headers else ""
    if case.meta is None or not case.meta.generation.mode.is_positive or not given.endswith('"'):
        return
    address = f"{case.operation.base_url.rstrip('/')}{case.formatted_path}"
    found = httpx.get(address, headers=_records["headers"], timeout=_ANSWER_SECONDS, trust_env=False)
    if "ETag" in found.headers:
        case.headers["If-Match"] = found.headers["ETag"]


def _resolved(case: "Case[Any]", node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = case.operation.schema.raw_schema
    for part in node["$ref"].split("/")[1:]:
        found = found[part]
    return dict(found)
