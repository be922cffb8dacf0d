"""Callers of every kind, and the records that they reach for: a customer of the owner's with all that hangs from it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID

from contracts.activity import Activity, FollowUp, ListActivities, LogActivity, ScheduleFollowUp
from contracts.customer.collaborators import AddCollaborator
from contracts.customer.contacts import AddContact, Contact
from contracts.customer.customers import CreateCustomer, Customer
from contracts.customer.duplicates import ListSuspicions, Suspicion
from contracts.errors import NotFound
from contracts.identity.api_keys import CreateApiKey
from contracts.identity.users import CreateUser, User
from contracts.notify import CreateWebhook, ListWebhooks, PingWebhook, RemoveWebhook, Webhook, WebhookDelivery
from contracts.opportunity.opportunities import CreateOpportunity, ListOpportunities, Opportunity
from contracts.pool.holdings import GetHolding
from contracts.scopes import Scope
from deploy.docs.access import Who
from servicekit.database import new_id
from tests.e2e.client import Person, eventually
from tests.e2e.company import Company
from tideline_client import Client

NAMES = {
    Who.OWNER: ("Olga Owner", "rep"),
    Who.COLLEAGUE: ("Cora Colleague", "rep"),
    Who.READER: ("Rolf Reader", "rep"),
    Who.EDITOR: ("Edda Editor", "rep"),
    Who.MANAGER: ("Mona Manager", "manager"),
    Who.OTHER_MANAGER: ("Otto Manager", "manager"),
    Who.ADMIN: ("Ada Admin", "admin"),
    Who.AUDITOR: ("Aude Auditor", "auditor"),
}


@dataclass(frozen=True)
class Records:
    """What one request may be about."""

    customer: Customer
    contact: Contact
    opportunity: Opportunity
    activity: Activity
    follow_up: FollowUp


@dataclass
class Cast:
    """Everybody who calls, in one company."""

    company: Company
    people: dict[Who, Person]
    keys: dict[Who, str]
    webhook: Webhook
    delivery: WebhookDelivery
    imports: dict[Who, UUID] = field(default_factory=dict)
    """Each importer's own, once one was asked for."""

    def token_of(self, who: Who) -> str:
        """What they send as their bearer; empty for who is not signed in."""
        if who in self.keys:
            return self.keys[who]
        return "" if who is Who.NOBODY else self.people[who].token

    @cached_property
    def clients(self) -> dict[Who, Client]:
        """The client of each; who is not signed in sends a token that is none."""
        return {who: Client(self.company.suite.gateway_url, token=self.token_of(who) or "none") for who in Who}

    def spare_user(self) -> User:
        """Somebody for whom it does not matter what becomes of them."""
        name = f"spare.{new_id().hex[-12:]}"
        return self.company.admin.call(CreateUser(name=name, full_name="Spare"))

    def twin_of(self, records: Records) -> Suspicion:
        """The suspicion that the owner has another customer of the same name; who sees the one sees the other."""
        customer, owner = records.customer, self.people[Who.OWNER]
        known = owner.call(ListSuspicions(customer_id=customer.id)).items
        known += owner.call(ListSuspicions(customer_id=customer.id, state="distinct")).items
        if known:
            return known[0]
        twin = owner.call(CreateCustomer(kind="company", name=customer.name))
        self._share(twin)
        return owner.call(ListSuspicions(customer_id=customer.id)).items[0]

    def records(self) -> Records:
        """A new customer of the owner's, shared with the reader and the editor, known to all services."""
        owner = self.people[Who.OWNER]
        customer = owner.call(CreateCustomer(kind="company", name=f"Access {new_id()}"))
        self._share(customer)
        records = Records(
            customer,
            owner.call(AddContact(customer_id=customer.id, name="Zoe Contact")),
            owner.call(CreateOpportunity(customer_id=customer.id, name="Forty seats")),
            owner.call(LogActivity(customer_id=customer.id, kind="call", content="Hello")),
            owner.call(ScheduleFollowUp(customer_id=customer.id, due_at=datetime.now(UTC))),
        )
        for who in (Who.READER, Who.EDITOR, Who.MANAGER):
            eventually(lambda who=who: self._knows_of(who, records))  # type: ignore[misc]  # called at once
        return records

    def _share(self, customer: Customer) -> None:
        for who, access in ((Who.READER, "read"), (Who.EDITOR, "edit")):
            shared = {"customer_id": customer.id, "user_id": UUID(self.people[who].id), "access": access}
            self.people[Who.OWNER].call(AddCollaborator.model_validate(shared))

    def _knows_of(self, who: Who, records: Records) -> bool:
        person, customer_id = self.people[who], records.customer.id
        try:
            person.call(GetHolding(customer_id=customer_id))
            seen = person.call(ListOpportunities(customer_id=customer_id)).items
            return bool(seen and person.call(ListActivities(customer_id=customer_id)).items)
        except NotFound:
            return False


@contextmanager
def assembled(company: Company) -> Iterator[Cast]:
    """Everybody hired, in two departments with their managers; all let go at the end."""
    with ExitStack() as stack:
        managers = {who: company.hire(NAMES[who][0], role="manager") for who in (Who.MANAGER, Who.OTHER_MANAGER)}
        sales = company.department("Access sales", manager=managers[Who.MANAGER])
        others = company.department("Access others", manager=managers[Who.OTHER_MANAGER])
        at = {Who.OWNER: sales, Who.COLLEAGUE: sales, Who.READER: others, Who.EDITOR: others}
        people = {
            who: company.sign_in(managers[who].name)
            if who in managers
            else company.hire(full_name, role=role, department=at.get(who))
            for who, (full_name, role) in NAMES.items()
        }
        for person in (*managers.values(), *people.values()):
            stack.enter_context(person)
        scopes = {Who.KEY: [scope for scope in Scope], Who.BARE_KEY: [Scope.EVENTS_READ]}  # noqa: C416  an enum's members
        keys = {
            who: company.admin.call(CreateApiKey(name=f"{who.name} {new_id()}", scopes=given)).key
            for who, given in scopes.items()
        }
        hook = company.admin.call(CreateWebhook(url="http://127.0.0.1:9/closed", types=["webhook.pinged"]))
        delivery = company.admin.call(PingWebhook(webhook_id=hook.id))
        cast = Cast(company, people, keys, hook, delivery)
        for client in cast.clients.values():
            stack.callback(client.close)
        yield cast
        for each in company.admin.call(ListWebhooks()).items:
            if each.url == hook.url:
                company.admin.call(RemoveWebhook(webhook_id=each.id, version=each.version))
