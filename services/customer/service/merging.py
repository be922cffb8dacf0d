"""A part of the customer service's door. Two customers become one, or one is deleted; both are undone."""

from contracts.customer.customers import Customer
from contracts.customer.deletion import DeleteCustomer, DeletedCustomer, RestoreCustomer
from contracts.customer.merges import GetMerge, ListMerges, Merge, MergeCustomers, MergePage, UndoMerge
from servicekit.rpc import answers
from servicekit.service import Service
from services.customer.operations import deletion, merges


class Merging(Service):
    """The RPCs of merges and deletion."""

    @answers(DeleteCustomer)
    def delete_customer(self, request: DeleteCustomer) -> DeletedCustomer:
        return deletion.delete(self.db, request)

    @answers(RestoreCustomer)
    def restore_customer(self, request: RestoreCustomer) -> Customer:
        return deletion.restore(self.db, request)

    @answers(MergeCustomers)
    def merge_customers(self, request: MergeCustomers) -> Merge:
        return merges.merge(self.db, request)

    @answers(GetMerge)
    def get_merge(self, request: GetMerge) -> Merge:
        return merges.get(self.db, request)

    @answers(ListMerges)
    def list_merges(self, request: ListMerges) -> MergePage:
        return merges.list_merges(self.db, request)

    @answers(UndoMerge)
    def undo_merge(self, request: UndoMerge) -> Merge:
        return merges.undo(self.db, request)
