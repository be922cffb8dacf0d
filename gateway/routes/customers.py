"""Customers, their contacts, and the 360 view."""

from contracts.customer.collaborators import (
    AddCollaborator,
    Collaborator,
    CollaboratorList,
    ListCollaborators,
    RemoveCollaborator,
    RemovedCollaborator,
)
from contracts.customer.contacts import (
    AddContact,
    Contact,
    ContactList,
    GetContact,
    ListContacts,
    RemoveContact,
    RemovedContact,
    UpdateContact,
)
from contracts.customer.customers import (
    CreateCustomer,
    Customer,
    CustomerPage,
    GetCustomer,
    ListCustomers,
    UpdateCustomer,
)
from contracts.customer.deletion import DeleteCustomer, DeletedCustomer, RestoreCustomer
from contracts.customer.history import ChangePage, ListChanges
from contracts.customer.leads import ConvertLead, GetQualification, Qualification, QualifyCustomer
from gateway import view360
from gateway.routing import Api
from gateway.view360 import GetView360, View360
from servicekit.rpc import call

api = Api("customers")


@api.get("/v1/customers")
def list_customers(request: ListCustomers) -> CustomerPage:
    """Find customers."""
    return call(request)


@api.post("/v1/customers", status=201)
def create_customer(request: CreateCustomer) -> Customer:
    """Add a customer."""
    return call(request)


@api.get("/v1/customers/{customer_id}")
def get_customer(request: GetCustomer) -> Customer:
    """One customer."""
    return call(request)


@api.patch("/v1/customers/{customer_id}")
def update_customer(request: UpdateCustomer) -> Customer:
    """Change a customer."""
    return call(request)


@api.delete("/v1/customers/{customer_id}")
def delete_customer(request: DeleteCustomer) -> DeletedCustomer:
    """Delete a customer, with all that hangs from it."""
    return call(request)


@api.post("/v1/customers/{customer_id}/restorations")
def restore_customer(request: RestoreCustomer) -> Customer:
    """Bring a deleted customer back."""
    return call(request)


@api.get("/v1/customers/{customer_id}/360")
def get_view_360(request: GetView360) -> View360:
    """All that is known of a customer, from all services."""
    return view360.combine(request)


@api.get("/v1/customers/{customer_id}/history")
def list_changes(request: ListChanges) -> ChangePage:
    """Who changed what of a customer, its contacts and its collaborators."""
    return call(request)


@api.get("/v1/customers/{customer_id}/qualification")
def get_qualification(request: GetQualification) -> Qualification:
    """The checklist by which a lead becomes a prospect."""
    return call(request)


@api.patch("/v1/customers/{customer_id}/qualification")
def qualify_customer(request: QualifyCustomer) -> Qualification:
    """Answer items of the checklist; If-Match holds the customer's version."""
    return call(request)


@api.post("/v1/customers/{customer_id}/conversions")
def convert_lead(request: ConvertLead) -> Customer:
    """Make a lead a prospect."""
    return call(request)


@api.get("/v1/customers/{customer_id}/contacts")
def list_contacts(request: ListContacts) -> ContactList:
    """The people at a company."""
    return call(request)


@api.post("/v1/customers/{customer_id}/contacts", status=201)
def add_contact(request: AddContact) -> Contact:
    """Add a person at a company."""
    return call(request)


@api.get("/v1/customers/{customer_id}/contacts/{contact_id}")
def get_contact(request: GetContact) -> Contact:
    """One person at a company."""
    return call(request)


@api.patch("/v1/customers/{customer_id}/contacts/{contact_id}")
def update_contact(request: UpdateContact) -> Contact:
    """Change a person at a company."""
    return call(request)


@api.delete("/v1/customers/{customer_id}/contacts/{contact_id}")
def remove_contact(request: RemoveContact) -> RemovedContact:
    """Remove a person at a company."""
    return call(request)


@api.get("/v1/customers/{customer_id}/collaborators")
def list_collaborators(request: ListCollaborators) -> CollaboratorList:
    """Who works with a customer besides its owner."""
    return call(request)


@api.post("/v1/customers/{customer_id}/collaborators")
def add_collaborator(request: AddCollaborator) -> Collaborator:
    """Let a colleague see a customer, or also edit it."""
    return call(request)


@api.delete("/v1/customers/{customer_id}/collaborators/{user_id}")
def remove_collaborator(request: RemoveCollaborator) -> RemovedCollaborator:
    """End a collaboration."""
    return call(request)
