"""Bring the sample in over HTTP, as a customer of ours would bring in their own spreadsheets. Safe to repeat."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from contracts.base import Request
from contracts.customer.imports import ImportCustomers
from contracts.errors import Conflict
from contracts.identity.departments import CreateDepartment, Department, ListDepartments
from contracts.identity.users import CreateUser, ListUsers, User
from contracts.opportunity.imports import ImportOpportunities
from contracts.opportunity.products import CreateProduct
from contracts.values import ImportResult, Money, Role
from deploy.sample.source import Agent, Sample, login_name
from tideline_client import Client

_ROWS_AT_ONCE = 500

Row = TypeVar("Row")
Tell = Callable[[str], None]


class Loader:
    """Loads one sample into one suite."""

    def __init__(self, client: Client, tell: Tell) -> None:
        self._client = client
        self._tell = tell
        self.report: dict[str, Any] = {"corrected": {}, "refused": {}, "warnings": {}, "imported": {}}

    def load(self, sample: Sample) -> None:
        """Everything, in the order in which one thing needs another."""
        self._load_people(sample.agents)
        self._load_products(sample.products)
        customers = [ImportCustomers(rows=rows) for rows in _batches(sample.customers)]
        self._import("customers", customers, total=len(sample.customers))
        opportunities = [ImportOpportunities(rows=rows) for rows in _batches(sample.opportunities)]
        self._import("opportunities", opportunities, total=len(sample.opportunities))
        self.report["corrected"] = dict(sample.corrected)

    def _load_people(self, agents: Sequence[Agent]) -> None:
        departments = {each.name: each for each in self._client.call(ListDepartments()).items}
        for office in sorted({agent.office for agent in agents}):
            self._department(departments, CreateDepartment(name=office))
        teams = sorted({(agent.office, agent.manager) for agent in agents})
        for office, manager in teams:
            parent_id = departments[office].id
            user = self._user(manager, role=Role.MANAGER, department_id=parent_id)
            team = CreateDepartment(name=f"{office}: {manager}", parent_id=parent_id, manager_id=user.id)
            self._department(departments, team)
        for agent in agents:
            team_id = departments[f"{agent.office}: {agent.manager}"].id
            self._user(agent.name, role=Role.REP, department_id=team_id)
        self._tell(f"{len(teams)} managers with their teams, {len(agents)} reps")

    def _department(self, known: dict[str, Department], wanted: CreateDepartment) -> None:
        if wanted.name not in known:
            known[wanted.name] = self._client.call(wanted)

    def _user(self, full_name: str, *, role: Role, department_id: UUID) -> User:
        name = login_name(full_name)
        try:
            wanted = CreateUser(name=name, full_name=full_name, role=role, department_id=department_id)
            return self._client.call(wanted)
        except Conflict:
            return next(user for user in self._client.pages(ListUsers(q=full_name)) if user.name == name)

    def _load_products(self, products: Sequence[dict[str, str]]) -> None:
        for product in products:
            price = Money(amount=Decimal(product["sales_price"]), currency="USD")
            with suppress(Conflict):
                self._client.call(CreateProduct(name=product["product"], series=product["series"], price=price))
        self._tell(f"{len(products)} products")

    def _import(self, kind: str, batches: Sequence[Request[ImportResult]], *, total: int) -> None:
        refused, warnings = Counter[str](), Counter[str]()
        taken = 0
        for batch in batches:
            result = self._client.call(batch)
            taken += len(result.imported)
            refused.update(fault.code for fault in result.refused)
            warnings.update(fault.code for fault in result.warnings)
            self._tell(f"{taken} of {total} {kind}")
        self.report["imported"][kind] = taken
        self.report["refused"][kind] = dict(refused)
        self.report["warnings"][kind] = dict(warnings)


def _batches(rows: Sequence[Row]) -> Iterator[list[Row]]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        yield list(rows[start : start + _ROWS_AT_ONCE])
