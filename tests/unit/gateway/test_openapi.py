"""The OpenAPI document: complete for whoever has nothing else, and true to what the gateway does."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from contracts.errors import KINDS
from gateway import errors, openapi, parsing
from gateway.routes import AREAS
from gateway.routing import MERGED, Route
from servicekit.docstrings import errors_of

Json = dict[str, Any]
ROUTES = [route for area in AREAS for route in area.routes]
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def document() -> Json:
    return openapi.document()


@pytest.fixture(params=ROUTES, ids=lambda route: route.name)
def route(request: pytest.FixtureRequest) -> Route:
    found: Route = request.param
    return found


@pytest.fixture
def operation(document: Json, route: Route) -> Json:
    found: Json = document["paths"][route.path][route.method.lower()]
    return found


def resolved(document: Json, node: Json) -> Json:
    """What a reference leads to."""
    found = node
    for part in node["$ref"].split("/")[1:] if "$ref" in node else ():
        found = document[part] if found is node else found[part]
    return found


def contents(document: Json, operation: Json) -> Iterator[tuple[str, Json]]:
    """The bodies that an operation takes and gives, each with its media type."""
    yield from operation.get("requestBody", {"content": {}})["content"].items()
    for answer in operation["responses"].values():
        yield from resolved(document, answer).get("content", {}).items()


def documented_codes(document: Json, operation: Json) -> dict[str, int]:
    """Each error code of an operation with the status that it comes with."""
    return {
        code: int(status)
        for status, answer in operation["responses"].items()
        for code in resolved(document, answer).get("content", {}).get(PROBLEM, {}).get("examples", {})
    }


class TestDocument:
    def test_it_is_valid_openapi(self, document: Json) -> None:
        validate(document)

    def test_it_is_the_same_each_time(self, document: Json) -> None:
        assert openapi.document() == document


class TestExamples:
    def test_every_body_has_one_that_its_schema_takes(self, document: Json, operation: Json) -> None:
        for media_type, content in contents(document, operation):
            shown = content.get("examples", {}).values() if media_type == PROBLEM else [{"value": content["example"]}]
            schema = {**content["schema"], "components": document["components"]}
            validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
            assert shown
            for example in shown:
                faults = [
                    f"{fault.json_path}: {fault.message}"
                    for fault in validator.iter_errors(resolved(document, example)["value"])
                ]
                assert not faults

    def test_the_gateway_understands_the_one_of_a_request(self, route: Route, operation: Json) -> None:
        """What no example could show: the contract's own validators take it."""
        for media_type, content in operation.get("requestBody", {"content": {}})["content"].items():
            headers = {"Content-Type": media_type, "If-Match": '"1"'}
            path = route.path.replace("{", "<uuid:").replace("}", ">")
            app = Flask("gateway")
            errors.mount(app)
            app.add_url_rule(path, view_func=understanding(route), methods=[route.method])
            address = "/".join(
                "019aa6b2-0000-7000-8000-000000000001" if part[:1] == "{" else part for part in route.path.split("/")
            )
            answer = app.test_client().open(address, method=route.method, headers=headers, json=content["example"])
            assert answer.status_code == 200, answer.text


class TestErrors:
    def test_every_code_that_a_request_names_is_documented_by_its_status(
        self, document: Json, route: Route, operation: Json
    ) -> None:
        documented = documented_codes(document, operation)
        for named in errors_of(route.request):
            if route.leads_on and named.code == MERGED:
                assert "Location" in resolved(document, operation["responses"]["307"])["headers"]
                continue
            assert documented.get(named.code) == errors.status_of(KINDS[named.kind], named.code)

    def test_what_may_happen_to_any_request_is_documented(self, operation: Json) -> None:
        statuses = set(operation["responses"])
        assert statuses >= {"400", "408", "414", "422", "429", "431", "500", "503"}

    def test_whoever_must_be_signed_in_is_told_so(self, route: Route, document: Json, operation: Json) -> None:
        assert ("auth.required" in documented_codes(document, operation)) is not route.public


class TestHeaders:
    def test_every_post_may_bear_an_idempotency_key(self, route: Route, operation: Json) -> None:
        named = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert ("Idempotency-Key" in named) is (route.method == "POST")

    def test_a_record_with_a_version_comes_with_its_etag(self, route: Route, operation: Json) -> None:
        answered = operation["responses"][str(route.status)]["headers"]
        assert ("ETag" in answered) is ("version" in route.reply.model_fields)

    def test_every_refusal_that_passes_says_when_to_try_again(self, document: Json, operation: Json) -> None:
        for status in ("429", "503"):
            assert "Retry-After" in resolved(document, operation["responses"][status])["headers"]


def understanding(route: Route) -> Any:
    """A view that takes a request as the route would, and does nothing."""
    parse = parsing.parser_of(route.method, route.request, route.path_fields)
    return lambda **path: parse(path).model_dump_json()
