"""What a provisioned broker or database can do, whoever runs it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.local.errors import LaunchError
from deploy.local.keeper import Keeper
from deploy.local.progress import Progress


@dataclass(frozen=True)
class Place:
    """Where a private server keeps its data and its log, who guards it, and who is told what takes long."""

    folder: Path
    logs: Path
    keeper: Keeper
    progress: Progress


class Server(Protocol):
    """A running server, known by its address."""

    @property
    def url(self) -> str:
        """Where it is, with user and password."""

    @property
    def alive(self) -> bool:
        """Whether it runs, as far as we can tell."""

    def start(self) -> None:
        """Start it and return when it answers; the second start has the same address and the same data."""

    def stop(self) -> None:
        """End it in an orderly way."""

    def kill(self) -> None:
        """End it at once, as a power cut would."""


class Broker(Server, Protocol):
    """A RabbitMQ node."""

    @property
    def api_url(self) -> str:
        """Where its management API is, with user and password; empty when nobody said."""

    def ctl(self, *arguments: str) -> str:
        """What rabbitmqctl with these arguments prints about this node."""


class GivenServer:
    """A server that the environment names. It is used, and otherwise left alone."""

    def __init__(self, url: str, *, variable: str) -> None:
        self.url = url
        self._variable = variable

    @property
    def alive(self) -> bool:
        """Its owner sees to that."""
        return True

    def start(self) -> None:
        """It already runs."""

    def stop(self) -> None:
        """It is not ours to stop."""

    def kill(self) -> None:
        """Refused: the server may serve others."""
        raise LaunchError(f"This server comes from {self._variable} and is not ours to kill. Unset {self._variable}.")


class GivenBroker(GivenServer):
    """A RabbitMQ node that the environment names, by CRM_AMQP_URL and, when it is known, CRM_RABBITMQ_API_URL."""

    def __init__(self, url: str, *, api_url: str) -> None:
        super().__init__(url, variable="CRM_AMQP_URL")
        self.api_url = api_url

    def ctl(self, *arguments: str) -> str:
        """Refused: rabbitmqctl reaches a node of its own machine only."""
        raise LaunchError(
            f"rabbitmqctl {' '.join(arguments)} can't reach the broker of CRM_AMQP_URL. Unset CRM_AMQP_URL."
        )
