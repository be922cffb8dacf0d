"""A service for the tests of RPC, run as a process of its own: `python -m tests.integration.rpc.echo`."""

# run patches the standard library, so it is imported first.
# ruff: noqa: I001
from servicekit.run import run

from sqlalchemy import text

from contracts.errors import Conflict
from servicekit import context
from servicekit.rpc import answers, answers_anyone
from servicekit.service import Service
from tests.integration.rpc.echo_contract import Count, Echo, Echoed, Refuse, Sleep, Write


class EchoService(Service):
    """Answers for tests."""

    name = "echo"

    @answers(Echo)
    def echo(self, request: Echo) -> Echoed:
        """Say it again."""
        return Echoed(text=request.text, caller=context.caller().id, request_id=context.current().request_id)

    @answers_anyone(Sleep)
    def sleep(self, request: Sleep) -> Echoed:
        """Keep a connection busy."""
        self.db.execute(text(f"SELECT pg_sleep({request.seconds:g})"))
        return Echoed(text="awake")

    @answers_anyone(Write)
    def write(self, request: Write) -> Echoed:
        """Leave a row behind."""
        self.db.execute(text("INSERT INTO notes VALUES (:text)"), {"text": request.text})
        if request.then == "fail":
            raise RuntimeError("after the write")
        if request.seconds:
            self.db.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": request.seconds})
        return Echoed(text=request.text)

    @answers_anyone(Count)
    def count(self, request: Count) -> Echoed:
        """Count rows."""
        found = self.db.execute(text("SELECT count(*) FROM notes WHERE text = :text"), {"text": request.text})
        return Echoed(text=str(found.scalar_one()))

    @answers_anyone(Refuse)
    def refuse(self, _request: Refuse) -> Echoed:
        """Answer with an error that has everything an error can have."""
        raise Conflict("echo.busy", "Not now.", data={"until": [1, {"deep": None}]}, retry_after=3.5)


if __name__ == "__main__":
    run(EchoService)
