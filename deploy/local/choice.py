"""Where a broker and a database come from: the order in which the ways are tried."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import TypeVar

T = TypeVar("T")


class Way(Enum):
    """One way to get a server."""

    GIVEN = auto()  # the environment names one
    EMBEDDED = auto()  # its programs came with the Python environment
    INSTALLED = auto()  # its programs are on the machine
    DOCKER = auto()  # an engine answers
    APT = auto()  # the package can be installed


DATABASE_ORDER = (Way.GIVEN, Way.EMBEDDED, Way.INSTALLED, Way.DOCKER)
BROKER_ORDER = (Way.GIVEN, Way.INSTALLED, Way.DOCKER, Way.APT)


def choose(order: Sequence[Way], offers: Mapping[Way, Callable[[], T | None]]) -> T | None:
    """What the first way in the order offers that offers anything; later ones are not even asked."""
    return next((offer for way in order if (offer := offers[way]()) is not None), None)
