"""One question put to several services: what those say that answer, and which are away."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, NoReturn, TypeVar

import typer

from contracts.base import R, Request
from contracts.errors import Unavailable
from contracts.operations import SERVICES
from servicekit.rpc import send

A = TypeVar("A")

_SECONDS = 10.0


def _known(name: str | None) -> str | None:
    if name is not None and name not in SERVICES:
        raise typer.BadParameter(f"there is no {name!r}; the services are {', '.join(SERVICES)}")
    return name


OneService = Annotated[str | None, typer.Option("--service", callback=_known, help="Only this service, e.g. pool.")]


@dataclass
class Survey:
    """Asks services one after the other. One that is away is remembered, and not asked again."""

    services: Sequence[str]
    away: dict[str, str] = field(default_factory=dict)
    """Why, by service."""

    def ask(self, question: Callable[[str], A]) -> dict[str, A]:
        """The answers of those that answer."""
        answers = {}
        for service in self.services:
            try:
                if service not in self.away:
                    answers[service] = question(service)
            except Unavailable as error:
                self.away[service] = error.detail
        return answers

    def end(self) -> NoReturn:
        """Name those that are away, and end the command: with 1 if there are any."""
        for service, why in self.away.items():
            sys.stderr.write(f"{service}: {why}\n")
        raise typer.Exit(1 if self.away else 0)


def survey_of(service: str | None) -> Survey:
    """A survey of one service, or of all."""
    return Survey(SERVICES if service is None else [service])


def ask(service: str, request: Request[R]) -> R:
    """What one service answers to a request that all answer."""
    return send(request, to=service, timeout=_SECONDS).result()
