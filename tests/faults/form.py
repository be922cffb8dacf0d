"""How long and how hard tests of faults go: short in `make test`, long as `make faults`, repeatable by a seed."""

import os
import random

WRITES = int(os.environ.get("FAULTS_WRITES", "400"))
"""How many acknowledged writes the ledger run takes."""
KILLS = int(os.environ.get("FAULTS_KILLS", "12"))
"""How many parts are killed meanwhile; a suite of this size has 12."""
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID")
SEED = int(os.environ.get("FAULTS_SEED", random.Random(_RUN).randrange(1_000_000)))  # noqa: S311  any seed will do
"""A new one each time, which the workers of one run have in common: they must agree on the tests."""
_IS_LONG = "FAULTS_WRITES" in os.environ
_IN_SHORT = 2


def some(names: tuple[str, ...], purpose: str) -> list[str]:
    """All of them in the long form; in the short one a few, others with another seed."""
    chosen = random.Random(f"{SEED}/{purpose}").sample(names, _IN_SHORT)  # noqa: S311  a seed repeats it
    return list(names) if _IS_LONG else chosen
