"""What becomes of each customer that somebody claims."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from contracts.errors import Conflict, fault
from contracts.pool.claims import ClaimCustomers, ClaimItem, ClaimStatus
from contracts.pool.pools import ClaimOrder
from services.pool.rules.limits import UNLIMITED, Allowance
from services.pool.rules.moves import Held

UNKNOWN = "There is no such customer in this pool."


NOT_LOOKED_UP = "This customer is new and can't be looked up right now; try again in a moment."


def check_request(request: ClaimCustomers, order: ClaimOrder) -> None:
    """InvalidInput: pool.ids_or_count. Conflict: pool.oldest_first."""
    if (request.count is None) == (not request.customer_ids) or (request.filter is not None and request.count is None):
        message = "Give customer_ids, or a count with or without a filter."
        raise fault("customer_ids", "pool.ids_or_count", message)
    if order is ClaimOrder.OLDEST_FIRST and (request.customer_ids or request.filter is not None):
        raise Conflict("pool.oldest_first", "Customers of this pool are claimed by count alone, the oldest first.")


def short_of(count: int, won: int) -> str:
    """Why there are fewer than were asked for, when no limit stood in the way."""
    return "" if won == count else f"There were no more than {won} to be had."


def answer_claims(
    customer_ids: Sequence[UUID],
    held: Mapping[UUID, Held],
    *,
    pool_id: UUID,
    claimer: UUID,
    allowance: Allowance = UNLIMITED,
    otherwise: str,
) -> list[ClaimItem]:
    """What becomes of each customer, one after the other; `otherwise` is said of those that nobody knows here."""
    present = dict(held)
    items: list[ClaimItem] = []
    for customer_id in customer_ids:
        status, detail = ClaimStatus.NOT_VISIBLE, otherwise
        if customer_id in present:
            status, detail = _claim(present[customer_id], pool_id=pool_id, claimer=claimer, allowance=allowance)
        if status is ClaimStatus.CLAIMED:
            present[customer_id] = present[customer_id]._replace(owner_id=claimer, pool_id=None)
            allowance = allowance.after(customer_id)
        items.append(ClaimItem(customer_id=customer_id, status=status, detail=detail))
    return items


def _claim(held: Held, *, pool_id: UUID, claimer: UUID, allowance: Allowance) -> tuple[ClaimStatus, str]:
    if held.owner_id == claimer:
        return ClaimStatus.ALREADY_CLAIMED, "You hold this customer already."
    if held.owner_id is not None:
        return ClaimStatus.ALREADY_CLAIMED, "Somebody else holds this customer."
    if held.pool_id != pool_id:
        return ClaimStatus.NOT_VISIBLE, UNKNOWN
    if held.customer_id in allowance.barred:
        first = allowance.barred[held.customer_id]
        return ClaimStatus.COOLING_DOWN, f"You held this customer of late and may claim it again from {first} on."
    if refusal := allowance.refusal(held.customer_id):
        return ClaimStatus.LIMIT_REACHED, refusal
    return ClaimStatus.CLAIMED, "You hold this customer now."
