"""Stands in, at the end of the line, for the two services that the opportunity service asks."""

from typing import Any
from uuid import UUID

from eventlet.event import Event
from pydantic import BaseModel

from contracts.customer.customers import Customer, CustomerPage, ListCustomers
from contracts.customer.facts import CustomerFacts, DescribeCustomers, DescribedCustomers
from contracts.identity.users import DescribedUsers, DescribeUsers, ListUsers, User, UserPage
from contracts.values import Lifecycle, Role, UserRef
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.rpc.line import Line
from servicekit.rpc.wire import decode_request, encode_reply


class Peers(Line):
    """Answers what is asked in the same bytes as the services themselves, and remembers what was asked."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.customers: list[CustomerFacts] = []
        self.users: list[User] = []
        self.asked: list[str] = []

    def add_customer(self, name: str, *, owner: Caller | None = None, pool_id: UUID | None = None) -> UUID:
        """A customer whose event is still on its way."""
        facts = CustomerFacts(
            id=new_id(),
            kind="company",
            name=name,
            lifecycle=Lifecycle.LEAD,
            owner_id=owner.user_id if owner else None,
            pool_id=pool_id,
            sequence=1,
        )
        self.customers.append(facts)
        return facts.id

    def add_user(self, full_name: str, *, user_id: UUID | None = None, department: UUID | None = None) -> UUID:
        """A person whose event is still on its way."""
        now = clock.now()
        user = User(
            id=user_id or new_id(),
            name=full_name.lower().replace(" ", "."),
            full_name=full_name,
            email=None,
            role=Role.REP,
            department_id=department,
            language="en",
            time_zone="UTC",
            active=True,
            version=1,
            created_at=now,
            updated_at=now,
        )
        self.users.append(user)
        return user.id

    def send(
        self,
        service: str,
        method: str,
        body: bytes,
        headers: dict[str, Any],  # noqa: ARG002  who asks is theirs to judge
        *,
        seconds: float,  # noqa: ARG002  there is no waiting
    ) -> tuple[str, Event]:
        """Answer at once."""
        self.asked.append(f"{service}.{method}")
        answered = Event()
        answered.send(encode_reply(getattr(self, f"_{method}")(body)))
        return "1", answered

    def _describe_customers(self, body: bytes) -> BaseModel:
        asked = decode_request(DescribeCustomers, body).customer_ids
        return DescribedCustomers(items=[facts for facts in self.customers if facts.id in asked])

    def _describe_users(self, body: bytes) -> BaseModel:
        asked = decode_request(DescribeUsers, body).user_ids
        return DescribedUsers(items=[user for user in self.users if user.id in asked])

    def _list_users(self, body: bytes) -> BaseModel:
        q = (decode_request(ListUsers, body).q or "").lower()
        return UserPage(items=[user for user in self.users if q in user.full_name.lower()], next_cursor=None)

    def _list_customers(self, body: bytes) -> BaseModel:
        q = (decode_request(ListCustomers, body).q or "").lower()
        found = [facts for facts in self.customers if q in facts.name.lower()]
        return CustomerPage(items=[_customer(facts) for facts in found], next_cursor=None)


def _customer(facts: CustomerFacts) -> Customer:
    now = clock.now()
    owner = None if facts.owner_id is None else UserRef(id=facts.owner_id, name="")
    return Customer(
        id=facts.id, kind="company", name=facts.name, owner=owner, pool=None, version=1, created_at=now, updated_at=now
    )
