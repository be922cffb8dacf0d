"""Who may do what, of the records that they see; which those are is a condition in queries."""

from uuid import UUID

from contracts.errors import InvalidInput, NotPermitted, fault
from contracts.values import Role

_READERS_OF_ALL = frozenset({Role.ADMIN, Role.AUDITOR, Role.INTEGRATION})
_EDITORS_OF_ALL = frozenset({Role.ADMIN, Role.INTEGRATION})
_IMPORTERS = frozenset({Role.ADMIN, Role.MANAGER, Role.INTEGRATION})
_WRITERS = frozenset({Role.REP, Role.MANAGER, Role.ADMIN, Role.INTEGRATION})


def reads_all(role: str) -> bool:
    """Whether this role sees every record, whoever holds it."""
    return role in _READERS_OF_ALL


def edits_all(role: str) -> bool:
    """Whether this role edits every record, whoever holds it."""
    return role in _EDITORS_OF_ALL


def is_writer(role: str) -> bool:
    """Whether this role edits anything at all."""
    return role in _WRITERS


def read_only() -> NotPermitted:
    """The refusal to change an opportunity."""
    return NotPermitted("opportunity.read_only", "You may look at this opportunity but not change it.")


def customer_read_only() -> NotPermitted:
    """The refusal to put an opportunity on a customer."""
    return NotPermitted("customer.read_only", "You may look at this customer but not put opportunities on it.")


def owner_of_new(role: str, *, person_id: UUID, named: UUID | None, customer_owner: UUID | None) -> UUID:
    """Whose a new opportunity is: a person's own; an API key owns nothing, so it is somebody else's.

    InvalidInput: owner.not_yours, owner.required.
    """
    if role != Role.INTEGRATION:
        if named not in (None, person_id):
            raise fault("owner_id", "owner.not_yours", "What you record is yours; only an API key names somebody else.")
        return person_id
    owner_id = named or customer_owner
    if owner_id is None:
        message = "An API key owns nothing and nobody holds this customer: give owner_id."
        raise fault("owner_id", "owner.required", message)
    return owner_id


def unknown_owner() -> InvalidInput:
    """The refusal of an owner who is not there, or has left."""
    return fault("owner_id", "owner.unknown", "There is no such active user.")


def require_pipeline_builder(role: str) -> None:
    """NotPermitted: pipeline.admins_only."""
    if role != Role.ADMIN:
        raise NotPermitted("pipeline.admins_only", "Only an administrator may add a pipeline.")


def require_catalogue_editor(role: str) -> None:
    """NotPermitted: product.admins_only."""
    if role not in _EDITORS_OF_ALL:
        raise NotPermitted("product.admins_only", "Only an administrator may add a product.")


def require_importer(role: str) -> None:
    """NotPermitted: opportunity.importers_only."""
    if role not in _IMPORTERS:
        raise NotPermitted("opportunity.importers_only", "Only managers and administrators may import opportunities.")
