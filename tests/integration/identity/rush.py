"""A process of its own that signs in many times at once, in green threads as the service does; prints what came of it.

`python -m tests.integration.identity.rush KEY_FILE NAME PASSWORD…`, with CRM_DATABASE_URL set.
"""

# Everything imported below must find the patched standard library.
# ruff: noqa: E402
import eventlet

eventlet.monkey_patch()

import json
import sys
from pathlib import Path

from contracts.errors import CallError
from contracts.identity.sessions import SignIn
from servicekit.database import Database
from servicekit.settings import Settings
from servicekit.tokens import Signer
from services.identity.issuer import Issuer
from services.identity.operations import sign_in

_TICK_SECONDS = 0.005


def main(key_file: Path, name: str, passwords: list[str]) -> None:
    """Print as JSON the answer to each password, and how often another green thread got its turn meanwhile."""
    database = Database(Settings(), "identity")
    issuer = Issuer(Signer(key_file), seconds=60, refresh_days=30)
    turns = 0

    def count_turns() -> None:
        nonlocal turns
        while True:
            eventlet.sleep(_TICK_SECONDS)
            turns += 1

    def attempt(password: str) -> str:
        try:
            with database.transaction() as db:
                sign_in.sign_in(db, SignIn(name=name, password=password), issuer)
        except CallError as error:
            return error.code
        return "signed in"

    bystander = eventlet.spawn(count_turns)
    attempts = [eventlet.spawn(attempt, password) for password in passwords]
    answers = [each.wait() for each in attempts]
    bystander.kill()
    database.close()
    json.dump({"answers": answers, "turns": turns}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
