"""Who works in a suite under test: an administrator and some reps, as the identity service knows them."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from contracts.values import Role
from deploy.local.suite import Suite
from servicekit.database import new_id
from servicekit.tokens import Signer
from tests.faults.browser import Browser

_TOKEN_SECONDS = 86_400


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    id: str
    token: str


@dataclass(frozen=True)
class People:
    """The staff."""

    admin: Person
    reps: list[Person]


def hire(suite: Suite, *, reps: int) -> People:
    """Add them over HTTP. Their tokens are signed with the identity service's key, to outlast the longest run."""
    signer = Signer(Path(suite.folder, "keys", "identity.pem"))
    founder = _person(signer, str(new_id()), name="Founder", role=Role.ADMIN)
    with closing(Browser(suite.gateway_url)) as browser:

        def added(name: str, role: Role) -> Person:
            body = {"name": name.lower(), "full_name": name, "role": role}
            made = browser.send("POST", "/v1/users", body, token=founder.token)
            assert made.status == 201, made
            return _person(signer, made.body["id"], name=name, role=role)

        return People(added("Chief", Role.ADMIN), [added(f"Rep-{number}", Role.REP) for number in range(reps)])


def _person(signer: Signer, user_id: str, *, name: str, role: Role) -> Person:
    return Person(user_id, signer.sign({"sub": user_id, "name": name, "role": role}, seconds=_TOKEN_SECONDS))
