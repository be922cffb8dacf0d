"""The suite under test, and people and customers made for one test."""

from itertools import count
from typing import Any
from uuid import UUID

from contracts.identity.departments import CreateDepartment, Department
from contracts.identity.users import CreateUser
from contracts.pool.pools import ListPools
from contracts.values import Role
from deploy.local.suite import Suite
from tests.e2e.client import Api, Body, Person

PASSWORD = "correct horse battery"
_numbers = count(1)


class Company:
    """A running suite with the sample company in it."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        password = (suite.folder / "admin-password").read_text().strip()
        self.admin = Person(suite.gateway_url, name="admin", password=password)
        self.stranger = Api(suite.gateway_url)
        """A caller who is not signed in."""

    def department(self, name: str, *, manager: Person | None = None, parent: Department | None = None) -> Department:
        """A new department; a manager answers for it from their next sign-in on."""
        manager_id, parent_id = manager and UUID(manager.id), parent and parent.id
        wanted = CreateDepartment(name=f"{name} {next(_numbers)}", manager_id=manager_id, parent_id=parent_id)
        return self.admin.call(wanted)

    def hire(self, full_name: str, *, role: str = "rep", department: Department | None = None) -> Person:
        """A new person, signed in."""
        name = f"{full_name.split()[0].lower()}.{next(_numbers)}"
        department_id = department and department.id
        self.admin.call(
            CreateUser(name=name, full_name=full_name, password=PASSWORD, role=Role(role), department_id=department_id)
        )
        return self.sign_in(name)

    def sign_in(self, name: str) -> Person:
        """A person who was hired, with a fresh token."""
        return Person(self.suite.gateway_url, name=name, password=PASSWORD)

    def pool_id(self) -> str:
        """The pool that every company starts with."""
        (pool,) = [pool for pool in self.admin.call(ListPools()).items if pool.default]
        return str(pool.id)

    def free_customer(self, name: str) -> Body:
        """A new customer that waits in the default pool."""
        return self.admin.post("/v1/customers", new_customer(name, pool_id=self.pool_id()))

    def sample_customer(self, name: str) -> Body:
        """A customer of the sample by its name."""
        (found,) = [each for each in self.admin.get("/v1/customers", q=name)["items"] if each["name"] == name]
        return dict(found)


def new_customer(name: str, **fields: Any) -> Body:
    """What creates a company of a name that no other has."""
    return {"kind": "company", "name": f"{name} {next(_numbers)}", **fields}
