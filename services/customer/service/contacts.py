"""A part of the customer service's door. Contacts, collaborators, and the profile they stand in."""

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
    CustomerProfile,
    GetContact,
    GetCustomerProfile,
    ListContacts,
    RemoveContact,
    RemovedContact,
    UpdateContact,
)
from servicekit.rpc import answers
from servicekit.service import Service
from servicekit.timers import every
from services.customer.operations import (
    collaborators,
    contacts,
)


class Contacts(Service):
    """Contacts, collaborators, and the profile they stand in."""

    @answers(GetCustomerProfile)
    def get_customer_profile(self, request: GetCustomerProfile) -> CustomerProfile:
        return contacts.profile(self.db, request)

    @answers(AddContact)
    def add_contact(self, request: AddContact) -> Contact:
        return contacts.add(self.db, request)

    @answers(GetContact)
    def get_contact(self, request: GetContact) -> Contact:
        return contacts.get(self.db, request)

    @answers(UpdateContact)
    def update_contact(self, request: UpdateContact) -> Contact:
        return contacts.update(self.db, request)

    @answers(RemoveContact)
    def remove_contact(self, request: RemoveContact) -> RemovedContact:
        return contacts.remove(self.db, request)

    @answers(ListContacts)
    def list_contacts(self, request: ListContacts) -> ContactList:
        return contacts.list_contacts(self.db, request)

    @answers(AddCollaborator)
    def add_collaborator(self, request: AddCollaborator) -> Collaborator:
        return collaborators.add(self.db, request)

    @answers(ListCollaborators)
    def list_collaborators(self, request: ListCollaborators) -> CollaboratorList:
        return collaborators.list_collaborators(self.db, request)

    @answers(RemoveCollaborator)
    def remove_collaborator(self, request: RemoveCollaborator) -> RemovedCollaborator:
        return collaborators.remove(self.db, request)

    @every(seconds=10)
    def end_collaborations(self) -> bool:
        return collaborators.end_what_is_over(self.db)
