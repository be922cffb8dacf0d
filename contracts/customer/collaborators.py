"""What the customer service answers about collaborators: colleagues who work with a customer besides its owner."""

from typing import Literal
from uuid import UUID

from contracts.base import Message, Request
from contracts.values import (
    Actor,
    Moment,
    UserRef,
    Value,
)

Access = Literal["read", "edit"]


class Collaboration(Value):
    """A colleague besides the owner who may see a customer, or also edit it."""

    user_id: UUID
    access: Access


class Collaborator(Value):
    """A colleague who may see, or also edit, a customer."""

    user: UserRef
    access: Access
    until: Moment | None
    """When it ends by itself."""
    added_at: Moment
    added_by: Actor


class CollaboratorList(Message):
    """All collaborators of a customer, 50 at most, by name."""

    items: list[Collaborator]


class AddCollaborator(Request[Collaborator], to="customer"):
    """Let a colleague see a customer, or also edit it; said of one who is there already, it takes the former's place.

    Only its owner, their manager and admins may. NotPermitted: collaborator.owners_only. NotFound: customer.not_found,
    customer.merged. InvalidInput: collaborator.unknown_user, collaborator.over. Conflict: collaborator.too_many.
    """

    customer_id: UUID
    user_id: UUID
    access: Access = "read"
    until: Moment | None = None


class ListCollaborators(Request[CollaboratorList], to="customer"):
    """Who works with a customer besides its owner. NotFound: customer.not_found, customer.merged."""

    customer_id: UUID


class RemovedCollaborator(Message):
    """The colleague who no longer is one."""

    user_id: UUID


class RemoveCollaborator(Request[RemovedCollaborator], to="customer"):
    """End it; a collaborator may also leave by themselves. NotPermitted: collaborator.owners_only.

    NotFound: customer.not_found, customer.merged, collaborator.not_found.
    """

    customer_id: UUID
    user_id: UUID
