"""What the echo service answers, in tests of RPC."""

from contracts.base import Message, Request


class Echoed(Message):
    """What came back."""

    text: str
    caller: str = ""
    request_id: str = ""


class Echo(Request[Echoed], to="echo"):
    """Say it again, with who said it."""

    text: str


class Sleep(Request[Echoed], to="echo"):
    """Keep a database connection busy."""

    seconds: float


class Write(Request[Echoed], to="echo"):
    """Leave a row behind; `then` says what happens after the write."""

    text: str
    then: str = "return"
    seconds: float = 0


class Count(Request[Echoed], to="echo"):
    """How many rows have this text."""

    text: str


class Refuse(Request[Echoed], to="echo"):
    """Answer with an error."""


class AskNobody(Request[Echoed], to="nobody"):
    """A question to a service that does not exist."""
