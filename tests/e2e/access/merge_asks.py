"""What is asked of merges, deletions and restorations: each of customers of its own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from contracts.base import Request
from contracts.customer.collaborators import AddCollaborator
from contracts.customer.customers import CreateCustomer, Customer
from contracts.customer.deletion import DeleteCustomer, RestoreCustomer
from contracts.customer.merges import GetMerge, ListMerges, MergeCustomers, UndoMerge
from deploy.docs.access import Who
from servicekit.database import new_id
from tests.e2e.access.scene import Cast, Records


def _more(cast: Cast) -> Customer:
    """One more of the owner's, shared as the other is."""
    owner = cast.people[Who.OWNER]
    customer = owner.call(CreateCustomer(kind="company", name=f"Access {new_id()}"))
    for who, access in ((Who.READER, "read"), (Who.EDITOR, "edit")):
        shared = {"customer_id": customer.id, "user_id": cast.people[who].id, "access": access}
        owner.call(AddCollaborator.model_validate(shared))
    return customer


def _deletion(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    customer = _more(cast)
    return DeleteCustomer(customer_id=customer.id, version=customer.version)


def _restoration(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    customer = _more(cast)
    cast.people[Who.OWNER].call(DeleteCustomer(customer_id=customer.id, version=customer.version))
    return RestoreCustomer(customer_id=customer.id)


def _merging(cast: Cast, records: Records) -> MergeCustomers:
    return MergeCustomers(survivor_id=records.customer.id, loser_id=_more(cast).id)


def _merge_id(cast: Cast, records: Records) -> UUID:
    made = cast.people[Who.OWNER].call(_merging(cast, records)).id
    assert made is not None
    return made


def _merges(cast: Cast, _who: Who, records: Records) -> Request[Any]:
    _merge_id(cast, records)
    return ListMerges(customer_id=records.customer.id)


MERGE_ASKS: dict[str, Callable[[Cast, Who, Records], Request[Any]]] = {
    "delete_customer": _deletion,
    "restore_customer": _restoration,
    "merge_customers": lambda cast, _who, records: _merging(cast, records),
    "list_merges": _merges,
    "get_merge": lambda cast, _who, records: GetMerge(merge_id=_merge_id(cast, records)),
    "undo_merge": lambda cast, _who, records: UndoMerge(merge_id=_merge_id(cast, records)),
}
