"""Two customers made one, and two again."""

from contracts.customer.merges import GetMerge, ListMerges, Merge, MergeCustomers, MergePage, UndoMerge
from gateway.routing import Api
from servicekit.rpc import call

api = Api("merges")


@api.post("/v1/merges")
def merge_customers(request: MergeCustomers) -> Merge:
    """Make two customers one, or show what would come of it."""
    return call(request)


@api.get("/v1/merges")
def list_merges(request: ListMerges) -> MergePage:
    """Merges, latest first."""
    return call(request)


@api.get("/v1/merges/{merge_id}")
def get_merge(request: GetMerge) -> Merge:
    """One merge."""
    return call(request)


@api.post("/v1/merges/{merge_id}/undo")
def undo_merge(request: UndoMerge) -> Merge:
    """Take two merged customers apart again."""
    return call(request)
