"""The generated documents are valid by the rules of their own kinds, and what is published fits them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from contracts.base import Event
from contracts.pool.claims import HoldingClaimed
from contracts.values import Actor
from deploy.docs import catalogue
from deploy.docs.examples import example_of
from deploy.docs.pages import FOLDER, SCHEMAS, schema_file
from servicekit import clock
from servicekit.cloudevents import read, write_unnumbered
from servicekit.database import new_id

Document = dict[str, Any]


def load(path: Path) -> Document:
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    return document


def faults(event: type[Event], body: Document) -> list[str]:
    """What is wrong with a published event by its checked-in schema."""
    schema = load(schema_file(event))
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in validator.iter_errors(body)]


def references(document: Any) -> Iterator[str]:
    """Every `$ref` of a document."""
    if isinstance(document, dict):
        yield from (target for key, target in document.items() if key == "$ref")
    for each in document.values() if isinstance(document, dict) else document if isinstance(document, list) else ():
        yield from references(each)


def resolves(document: Document, reference: str) -> bool:
    target: Any = document
    for step in reference.removeprefix("#/").split("/"):
        target = target.get(step) if isinstance(target, dict) else None
    return target is not None


class TestOpenApi:
    def test_it_is_valid(self) -> None:
        OpenAPIV31SpecValidator(load(FOLDER / "openapi.json")).validate()


class TestAsyncApi:
    # What this library says of two of its own classes on import; ours are not concerned.
    @pytest.mark.filterwarnings('ignore:Field name "schema" in .* shadows an attribute:UserWarning')
    def test_it_is_valid(self) -> None:
        from asyncapi3.models.asyncapi import AsyncAPI3

        AsyncAPI3.model_validate(load(FOLDER / "asyncapi.json"))

    def test_its_payloads_are_valid_schemas(self) -> None:
        for schema in load(FOLDER / "asyncapi.json")["components"]["schemas"].values():
            Draft202012Validator.check_schema(schema)

    def test_every_reference_leads_somewhere(self) -> None:
        document = load(FOLDER / "asyncapi.json")
        lost = [reference for reference in references(document) if not resolves(document, reference)]
        assert not lost, f"docs/asyncapi.json refers to what it lacks: {', '.join(lost)}"

    def test_its_examples_fit_its_own_payloads(self) -> None:
        document = load(FOLDER / "asyncapi.json")
        for message in document["components"]["messages"].values():
            whole = message["payload"] | {"components": document["components"]}
            for example in message["examples"]:
                Draft202012Validator(whole).validate(example["payload"])

    def test_it_has_a_message_for_every_event(self) -> None:
        messages = load(FOLDER / "asyncapi.json")["components"]["messages"]
        assert {message["name"] for message in messages.values()} == {each.wire_type() for each in catalogue.events()}


class TestEventSchemas:
    @pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
    def test_each_is_a_valid_json_schema(self, path: Path) -> None:
        Draft202012Validator.check_schema(load(path))

    @pytest.mark.parametrize("event", catalogue.events(), ids=lambda event: event.topic)
    def test_the_example_of_each_fits_its_schema(self, event: type[Event]) -> None:
        assert faults(event, example_of(event)) == []

    @pytest.mark.parametrize("event", catalogue.events(), ids=lambda event: event.topic)
    def test_the_example_of_each_is_one_that_a_handler_takes(self, event: type[Event]) -> None:
        incoming = read(json.dumps(example_of(event)), {event.wire_type(): event})
        assert incoming.fault == ""
        assert incoming.event is not None

    def test_an_event_as_the_outbox_writes_it_fits_its_schema(self) -> None:
        assert faults(HoldingClaimed, published()) == []

    def test_an_event_without_its_number_does_not_fit(self) -> None:
        body = published()
        del body["sequence"]
        assert faults(HoldingClaimed, body) == ["'sequence' is a required property"]

    def test_an_event_of_another_type_does_not_fit(self) -> None:
        (fault,) = faults(HoldingClaimed, published() | {"type": "crm.holding.claimed.v2"})
        assert re.search(r"crm\.holding\.claimed\.v1.* was expected", fault)

    def test_an_event_whose_data_lacks_a_field_does_not_fit(self) -> None:
        body = published()
        del body["data"]["owner_id"]
        assert faults(HoldingClaimed, body) == ["'owner_id' is a required property"]

    def test_an_id_that_is_no_uuid_does_not_fit(self) -> None:
        assert faults(HoldingClaimed, published() | {"subject": "Acme"}) == ["'Acme' is not a 'uuid'"]


def published() -> Document:
    """A claim as the outbox writes it, with the number that its commit gives."""
    event = HoldingClaimed(customer_id=new_id(), customer_name="Žabka 便利店", owner_id=new_id(), pool_id=new_id())
    actor = Actor(kind="user", id=str(UUID(int=7)), name="Ada")
    unnumbered = write_unnumbered(event, id=new_id(), time=clock.now(), actor=actor, traceparent="")
    body: Document = json.loads(unnumbered + "12}")
    return body
