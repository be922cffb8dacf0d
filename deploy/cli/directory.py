"""Whom and what people mean by a name: a user by the login name, a department by its name or its path in the tree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from contracts.errors import InvalidInput, NotFound
from contracts.identity.departments import Department, ListDepartments
from contracts.identity.users import DescribeUsers, User
from servicekit.rpc import call

_BETWEEN = "/"


@dataclass(frozen=True)
class Tree:
    """The company's departments."""

    departments: Sequence[Department]

    def path(self, department_id: UUID | None) -> str:
        """Its name behind those above it, e.g. `Europe/Sales`; empty for none."""
        return _BETWEEN.join(reversed([each.name for each in self._upwards(department_id)]))

    def below(self, parent_id: UUID | None) -> list[Department]:
        """Those just below this one; without one, the roots."""
        return [each for each in self.departments if each.parent_id == parent_id]

    def find(self, written: str) -> Department:
        """The department that is meant. NotFound: department.not_found. InvalidInput: department.ambiguous."""
        paths = {self.path(each.id): each for each in self.departments}
        named = [paths[written]] if written in paths else [each for each in self.departments if each.name == written]
        if not named:
            raise NotFound("department.not_found", f"There is no department {written}. See: crm departments list")
        if len(named) > 1:
            choice = " or ".join(self.path(each.id) for each in named)
            raise InvalidInput("department.ambiguous", f"There are several departments {written}: write {choice}.")
        return named[0]

    def _upwards(self, department_id: UUID | None) -> Iterator[Department]:
        while department_id is not None:
            yield self._by_id[department_id]
            department_id = self._by_id[department_id].parent_id

    @cached_property
    def _by_id(self) -> dict[UUID, Department]:
        return {each.id: each for each in self.departments}


def tree() -> Tree:
    """The departments as they are now."""
    return Tree(call(ListDepartments()).items)


def user_named(name: str) -> User:
    """The user of this login name. NotFound: user.not_found."""
    found = call(DescribeUsers(names=[name.lower()])).items
    if not found:
        raise NotFound("user.not_found", f"There is no user {name}. See: crm users list")
    return found[0]
