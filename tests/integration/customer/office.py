"""A small company for the tests: colleagues of every role, two departments, two pools, and their orders."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy

from contracts.base import E, R, Received, Request
from contracts.customer.attachments import AddAttachment, GetAttachment, ListAttachments, RemoveAttachment
from contracts.customer.classification import (
    CreateClassificationRule,
    GetClassificationRule,
    ListClassificationRules,
    OrderClassificationRules,
    PreviewClassification,
    RemoveClassificationRule,
    UpdateClassificationRule,
)
from contracts.customer.collaborators import AddCollaborator, ListCollaborators, RemoveCollaborator
from contracts.customer.contacts import (
    AddContact,
    Contact,
    ContactChanges,
    GetContact,
    GetCustomerProfile,
    ListContacts,
    RemoveContact,
    UpdateContact,
)
from contracts.customer.custom_fields import CreateCustomField, GetCustomField, ListCustomFields, UpdateCustomField
from contracts.customer.customers import (
    CreateCustomer,
    Customer,
    CustomerChanges,
    GetCustomer,
    ListCustomers,
    UpdateCustomer,
)
from contracts.customer.deletion import DeleteCustomer, RestoreCustomer
from contracts.customer.dictionaries import CreateDictionary, GetDictionary, ListDictionaries, UpdateDictionary
from contracts.customer.duplicates import (
    CheckDuplicates,
    DecideSuspicion,
    GetDuplicateScan,
    GetSuspicion,
    ListDuplicatePolicies,
    ListDuplicateScans,
    ListSuspicions,
    StartDuplicateScan,
    UpdateDuplicatePolicy,
)
from contracts.customer.facts import DescribeClasses, DescribeCustomers
from contracts.customer.history import Change, ListChanges
from contracts.customer.imports import ImportCustomers
from contracts.customer.leads import ConvertLead, GetQualification, QualifyCustomer
from contracts.customer.merges import GetMerge, ListMerges, Merge, MergeCustomers, UndoMerge
from contracts.customer.scores import GetScoring, UpdateScoring
from contracts.customer.segments import (
    CreateSegment,
    GetSegment,
    ListSegmentMembers,
    ListSegments,
    RemoveSegment,
    UpdateSegment,
)
from contracts.errors import Conflict, InvalidInput
from contracts.identity.users import UserCreated
from contracts.pool.pools import DEFAULT_POOL_ID, PoolCreated
from contracts.values import Role
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import Database, new_id
from servicekit.messaging_tables import outbox
from servicekit.testing import calling, process_named, rows, user_of
from services.customer.operations import (
    attachments,
    classification_rules,
    collaborators,
    contacts,
    custom_fields,
    customers,
    deletion,
    dictionaries,
    duplicates,
    history,
    imports,
    leads,
    merges,
    others,
    scores,
    segments,
    suspicions,
)

_OPERATIONS: dict[type[Request[Any]], Callable[..., Any]] = {
    CreateCustomer: customers.create,
    GetCustomer: customers.get,
    UpdateCustomer: customers.update,
    ListCustomers: customers.list_customers,
    DescribeCustomers: customers.describe,
    DescribeClasses: segments.describe_classes,
    ImportCustomers: imports.import_customers,
    GetCustomerProfile: contacts.profile,
    AddContact: contacts.add,
    UpdateContact: contacts.update,
    RemoveContact: contacts.remove,
    GetContact: contacts.get,
    ListContacts: contacts.list_contacts,
    AddCollaborator: collaborators.add,
    ListCollaborators: collaborators.list_collaborators,
    RemoveCollaborator: collaborators.remove,
    ListChanges: history.list_changes,
    GetQualification: leads.get_qualification,
    QualifyCustomer: leads.qualify,
    ConvertLead: leads.convert,
    ListCustomFields: custom_fields.list_custom_fields,
    GetCustomField: custom_fields.get,
    CreateCustomField: custom_fields.create,
    UpdateCustomField: custom_fields.update,
    ListSegments: segments.list_segments,
    GetSegment: segments.get,
    CreateSegment: segments.create,
    UpdateSegment: segments.update,
    RemoveSegment: segments.remove,
    ListSegmentMembers: segments.list_members,
    ListAttachments: attachments.list_attachments,
    AddAttachment: attachments.add,
    GetAttachment: attachments.get,
    RemoveAttachment: attachments.remove,
    ListClassificationRules: classification_rules.list_rules,
    GetClassificationRule: classification_rules.get,
    CreateClassificationRule: classification_rules.create,
    UpdateClassificationRule: classification_rules.update,
    RemoveClassificationRule: classification_rules.remove,
    OrderClassificationRules: classification_rules.order,
    PreviewClassification: classification_rules.preview,
    ListDictionaries: dictionaries.list_dictionaries,
    GetDictionary: dictionaries.get,
    CreateDictionary: dictionaries.create,
    UpdateDictionary: dictionaries.update,
    CheckDuplicates: duplicates.check,
    ListSuspicions: suspicions.list_suspicions,
    GetSuspicion: suspicions.get,
    DecideSuspicion: suspicions.decide,
    ListDuplicatePolicies: suspicions.list_policies,
    UpdateDuplicatePolicy: suspicions.update_policy,
    StartDuplicateScan: suspicions.start_scan,
    GetDuplicateScan: suspicions.get_scan,
    ListDuplicateScans: suspicions.list_scans,
    GetScoring: scores.get_scoring,
    UpdateScoring: scores.update_scoring,
    MergeCustomers: merges.merge,
    GetMerge: merges.get,
    ListMerges: merges.list_merges,
    UndoMerge: merges.undo,
    DeleteCustomer: deletion.delete,
    RestoreCustomer: deletion.restore,
}


@dataclass(frozen=True)
class Office:
    """The company; `rep` and `colleague` work in the manager's department, `stranger` elsewhere."""

    database: Database
    department: UUID
    elsewhere: UUID
    rep: Caller
    colleague: Caller
    stranger: Caller
    manager: Caller
    admin: Caller
    auditor: Caller
    api_key: Caller
    service: Caller
    pool_id: UUID = DEFAULT_POOL_ID

    def ask(self, by: Caller, request: Request[R]) -> R:
        """The answer to this caller, in a transaction of its own as the service gives it."""
        with calling(by), self.database.transaction() as db:
            answer: R = _OPERATIONS[type(request)](db, request)
            return answer

    def hear(self, handler: Callable[..., None], event: E, *, sequence: int = 1) -> None:
        """An event arrives."""
        received: Received[E] = Received(
            id=uuid4(),
            source="/crm/other",
            type=event.wire_type(),
            subject=event.subject,
            time=clock.now(),
            sequence=sequence,
            actor=self.admin.actor,
            data=event,
        )
        with calling(self.service), self.database.transaction() as db:
            handler(db, received)

    def create(self, by: Caller, name: str, **fields: Any) -> Customer:
        """A new customer, a company unless told otherwise."""
        return self.ask(by, CreateCustomer(**{"kind": "company", "name": name, **fields}))

    def read(self, by: Caller, customer: Customer) -> Customer:
        """The customer as it is now."""
        return self.ask(by, GetCustomer(customer_id=customer.id))

    def change(self, by: Caller, customer: Customer, **changes: Any) -> Customer:
        """The customer, changed from the version at hand."""
        patch = CustomerChanges(**changes)
        return self.ask(by, UpdateCustomer(customer_id=customer.id, version=customer.version, changes=patch))

    def merge(self, by: Caller, survivor: Customer, loser: Customer, **fields: Any) -> Merge:
        """The second one merged into the first."""
        wanted = {"survivor_id": survivor.id, "loser_id": loser.id, **fields}
        return self.ask(by, MergeCustomers.model_validate(wanted))

    def undo(self, by: Caller, merge: Merge) -> Merge:
        """Two customers again."""
        assert merge.id is not None
        return self.ask(by, UndoMerge(merge_id=merge.id))

    def rows(self, *tables: str) -> dict[str, list[dict[str, Any]]]:
        """All that stands in these tables, as it stands."""
        return rows(self.database, *tables)

    def add_contact(self, by: Caller, customer: Customer, name: str, **fields: Any) -> Contact:
        """A new contact."""
        return self.ask(by, AddContact(customer_id=customer.id, **{"name": name, **fields}))

    def change_contact(self, by: Caller, contact: Contact, **changes: Any) -> Contact:
        """The contact, changed from the version at hand."""
        patch = ContactChanges(**changes)
        to = {"customer_id": contact.customer_id, "contact_id": contact.id, "version": contact.version}
        return self.ask(by, UpdateContact(**to, changes=patch))

    def names(self, by: Caller, **wanted: Any) -> list[str]:
        """The names on the list that these filters give."""
        return [item.name for item in self.ask(by, ListCustomers(**wanted)).items]

    def history(self, customer: Customer, **wanted: Any) -> list[Change]:
        """What became of a customer, latest first."""
        return self.ask(self.admin, ListChanges(customer_id=customer.id, **wanted)).items

    def told(self, subject: UUID) -> list[tuple[str, dict[str, Any]]]:
        """What was announced about a record, in order: topics and data."""
        body = sqlalchemy.cast(outbox.c["body"], sqlalchemy.JSON)["data"]
        query = sqlalchemy.select(outbox.c["topic"], body).where(outbox.c["subject"] == subject)
        with self.database.transaction() as db:
            return [(topic, data) for topic, data in db.execute(query.order_by(outbox.c["sequence"]))]

    def actor_of(self, subject: UUID) -> str:
        """Who the first event about a record says did it."""
        actor = sqlalchemy.cast(outbox.c["body"], sqlalchemy.JSON)["actor"].as_string()
        query = sqlalchemy.select(actor).where(outbox.c["subject"] == subject).order_by(outbox.c["sequence"])
        with self.database.transaction() as db:
            return str(db.scalars(query).first())

    def introduce(self, person: Caller, *, login: str = "", active: bool = True) -> None:
        """Let the service hear of a colleague."""
        told = UserCreated(
            user_id=person.user_id,
            name=login or person.name.lower(),
            full_name=person.name,
            role=Role(person.role),
            department_id=person.department,
            language="en",
            time_zone="UTC",
            active=active,
        )
        self.hear(others.keep_user, told)


def open_office(database: Database) -> Office:
    """A company whose people and default pool the service has heard of."""
    department, elsewhere = new_id(), new_id()
    office = Office(
        database,
        department,
        elsewhere,
        rep=user_of(Role.REP, name="Rita", department=department),
        colleague=user_of(Role.REP, name="Carl", department=department),
        stranger=user_of(Role.REP, name="Stan", department=elsewhere),
        manager=user_of(Role.MANAGER, name="Mona", department=department, departments=(department,)),
        admin=user_of(Role.ADMIN, name="Ada"),
        auditor=user_of(Role.AUDITOR, name="Otto"),
        api_key=user_of(Role.INTEGRATION, name="Ivy"),
        service=process_named("pool"),
    )
    for person in (office.rep, office.colleague, office.stranger, office.manager, office.admin):
        office.introduce(person)
    office.hear(others.keep_pool, PoolCreated(pool_id=DEFAULT_POOL_ID, name="Open customers"))
    return office


def at_once(*actions: Callable[[], object]) -> list[str]:
    """What becomes of actions that begin at the same moment: `done` or the code of the refusal."""
    start, outcomes = threading.Barrier(len(actions)), []

    def run(action: Callable[[], object]) -> None:
        start.wait()
        try:
            action()
            outcomes.append("done")
        except (Conflict, InvalidInput) as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
