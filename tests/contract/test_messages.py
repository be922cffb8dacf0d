"""Requests, events and routes fit together: each is answered, announced or named by just one."""

import inspect
import re
from collections import Counter
from typing import Any, get_type_hints

from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from contracts.base import Event, Request
from deploy.docs import catalogue, rpc_page
from deploy.docs.catalogue import EVERY_SERVICE, ROOT
from gateway.routes import AREAS
from servicekit.docstrings import text_of
from servicekit.rpc.server import Answers
from servicekit.service import find
from tests.contract.record import messages


def answered_by(service: str) -> list[tuple[type[Request[Any]], type]]:
    """What each RPC method of a service takes and gives, by its type hints."""
    methods = [method for _, method in inspect.getmembers(find(service), inspect.isfunction) if _is_rpc(method)]
    hints = [get_type_hints(method) for method in methods]
    return [(next(taken for name, taken in hint.items() if name != "return"), hint["return"]) for hint in hints]


def _is_rpc(method: Any) -> bool:
    return any(isinstance(each, Answers) for each in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ()))


def code_of(*folders: str) -> str:
    """The code under these folders, as one text."""
    return "\n".join(
        path.read_text(encoding="utf-8") for name in folders for path in sorted((ROOT / name).rglob("*.py"))
    )


class TestRequests:
    def test_each_is_answered_by_the_service_it_names(self) -> None:
        answered = {(service, request) for service in catalogue.services() for request, _ in answered_by(service)}
        for request in catalogue.requests():
            for service in catalogue.services() if request.service == EVERY_SERVICE else [request.service]:
                assert (service, request) in answered, (
                    f"Nobody answers {request.__name__}: add `@answers({request.__name__}) def {request.method}` to "
                    f"services/{service}/service.py."
                )

    def test_each_is_answered_by_no_other_service(self) -> None:
        for service in catalogue.services():
            for request, _ in answered_by(service):
                assert request.service in {service, EVERY_SERVICE}, (
                    f"The {service} service answers {request.__name__}, which says to={request.service!r}: callers ask "
                    f"{request.service} and never get here."
                )

    def test_each_gets_the_reply_it_names(self) -> None:
        for service in catalogue.services():
            for request, reply in answered_by(service):
                assert reply is request.reply_type, (
                    f"services/{service}/service.py answers {request.__name__} with {reply.__name__}; the contract "
                    f"says {request.reply_type.__name__}."
                )

    def test_each_stands_in_the_contract_of_its_service(self) -> None:
        for request in catalogue.requests():
            if request.service != EVERY_SERVICE:
                assert request.service == request.__module__.split(".")[1], (
                    f"{request.__name__} goes to {request.service}: move it to contracts/{request.service}.py."
                )


class TestEvents:
    def test_each_that_is_heard_is_announced_by_its_source(self) -> None:
        for event in filter(catalogue.queues_for, catalogue.events()):
            assert re.search(rf"\b{event.__name__}\b[.(]", code_of(f"services/{event.source}")), (
                f"{_hearers(event)} wait for {event.topic}, but services/{event.source}/ never publishes "
                f"{event.__name__}."
            )

    def test_each_stands_in_the_contract_of_a_service(self) -> None:
        for event in catalogue.events():
            assert event.source in catalogue.services(), (
                f"{event.__name__} stands in contracts/{event.source}.py, but there is no service {event.source} to "
                "announce it."
            )

    def test_each_has_a_topic_of_its_own(self) -> None:
        twice = [topic for topic, number in Counter(event.topic for event in catalogue.events()).items() if number > 1]
        assert not twice, f"Two events share {', '.join(twice)}: handlers could not tell them apart."

    def test_each_has_its_subject_among_its_fields(self) -> None:
        for event in catalogue.events():
            assert event.subject_field in event.model_fields, (
                f"{event.__name__} names {event.subject_field} as its subject but has no such field."
            )


class TestMessages:
    def test_each_has_a_name_of_its_own(self) -> None:
        twice = [name for name, number in Counter(path.stem for path in messages()).items() if number > 1]
        assert not twice, f"Two messages are called {', '.join(twice)}: pages and schemas name them by that."

    def test_each_has_a_docstring(self) -> None:
        for model in messages().values():
            assert text_of(model), f"{model.__name__} has no docstring; the generated pages have nothing to say of it."


class TestErrorCodes:
    def test_each_named_in_a_docstring_reads_area_dot_word(self) -> None:
        for request in catalogue.requests():
            text_of(request)  # raises where something else follows a kind of error

    def test_each_named_in_a_docstring_is_raised_somewhere(self) -> None:
        code = code_of("services", "servicekit")
        raised = set(re.findall(r"\"([a-z_]+\.[a-z_]+)\"", code)) | COMPOSED
        unknown = rpc_page.codes() - raised
        assert not unknown, f"Docstrings name {', '.join(sorted(unknown))}, but nothing under services/ raises it."


COMPOSED = {
    *("customer.company_field", "customer.person_field"),
    *("email.several_primary", "phone.several_primary"),
}
"""Codes that the code puts together, so that they don't stand in it as one string."""


class TestRoutes:
    def test_each_has_a_handler_name_of_its_own(self) -> None:
        names = Counter(route.name for area in AREAS for route in area.routes)
        twice = [name for name, number in names.items() if number > 1]
        assert not twice, f"Two routes are handled by {', '.join(twice)}: the name is the operation's id in OpenAPI."

    def test_each_has_an_address_of_its_own(self) -> None:
        addresses = Counter(_addresses())
        twice = [" ".join(address) for address, number in addresses.items() if number > 1]
        assert not twice, f"Two routes answer {', '.join(twice)}: the second is never reached."

    def test_each_that_makes_a_record_has_one_that_reads_it_where_location_points(self) -> None:
        read = {_shape(path) for method, path in _addresses() if method == "GET"}
        made = [route.path for area in AREAS for route in area.routes if route.status == 201]
        nowhere = [path for path in made if _shape(f"{path}/{{id}}") not in read]
        assert made
        assert not nowhere, f"What is made at {', '.join(nowhere)} can't be read by its Location: add a GET by id."

    def test_each_that_changes_a_record_takes_its_version_and_answers_with_the_next(self) -> None:
        changing = [route for area in AREAS for route in area.routes if route.method == "PATCH"]
        blind = [
            route.name
            for route in changing
            if not all("version" in model.model_fields for model in (route.request, route.reply))
        ]
        assert changing
        assert not blind, f"{', '.join(blind)}: without a version of its record, a change undoes another unseen."

    def test_each_that_removes_a_record_with_a_version_takes_it(self) -> None:
        versioned = {route.path for area in AREAS for route in area.routes if "version" in route.reply.model_fields}
        removing = [route for area in AREAS for route in area.routes if route.method == "DELETE"]
        blind = [
            route.name for route in removing if route.path in versioned and "version" not in route.request.model_fields
        ]
        assert not blind, f"{', '.join(blind)}: without a version of its record, it removes what nobody has seen."


def _addresses() -> list[tuple[str, str]]:
    return [(route.method, route.path) for area in AREAS for route in area.routes]


def _shape(path: str) -> str:
    """An address whatever the ids in it are called."""
    return re.sub(r"\{\w+\}", "{}", path)


def _hearers(event: type[Event]) -> str:
    return ", ".join(queue.name for queue in catalogue.queues_for(event))
