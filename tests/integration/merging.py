"""Merges as other services hear of them: the events, and whole histories of them in any order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from contracts.customer.deletion import CustomerDeleted, CustomerRestored
from contracts.customer.merges import CustomerMerged, CustomerUnmerged
from servicekit.database import new_id

CUSTOMERS = 4
"""How many take part in a history."""
AT_LENGTH = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Each example begins with customers of its own, so that one database may serve all."""


def merged(loser_id: UUID, survivor_id: UUID, *, merge_id: UUID | None = None, **fields: Any) -> CustomerMerged:
    """The customer service's word of a merge."""
    told = {
        "merge_id": merge_id or new_id(),
        "loser_id": loser_id,
        "loser_name": "Acme Ltd",
        "loser_owner_id": None,
        "survivor_id": survivor_id,
        "survivor_name": "Acme",
        "owner_id": None,
        "pool_id": None,
        "reason": "",
        "contact_ids": [],
    }
    return CustomerMerged.model_validate({**told, **fields})


def unmerged(merge: CustomerMerged) -> CustomerUnmerged:
    """The customer service's word of its undoing."""
    ids = {"merge_id": merge.merge_id, "survivor_id": merge.survivor_id, "loser_id": merge.loser_id}
    return CustomerUnmerged(**ids, contact_ids=[])


def deleted(customer_id: UUID) -> CustomerDeleted:
    """The customer service's word of a deletion."""
    return CustomerDeleted(customer_id=customer_id, name="Acme")


def restored(customer_id: UUID) -> CustomerRestored:
    """The customer service's word of a restoration."""
    return CustomerRestored(customer_id=customer_id, name="Acme")


@dataclass
class History:
    """What became of some customers: each event with its subject's sequence, and whom each leads to afterwards."""

    events: list[tuple[CustomerMerged | CustomerUnmerged, int]] = field(default_factory=list)
    leads_to: dict[UUID, UUID] = field(default_factory=dict)

    def end_of(self, customer_id: UUID) -> UUID:
        """The customer that stands for this one in the end."""
        return self.end_of(self.leads_to[customer_id]) if customer_id in self.leads_to else customer_id


Steps = Sequence[tuple[int, int]]
STEPS: st.SearchStrategy[list[tuple[int, int]]] = st.lists(
    st.tuples(st.integers(0, CUSTOMERS - 1), st.integers(0, CUSTOMERS - 1)), max_size=8
)
"""Who is merged into whom; of one that was merged already it means that this is undone."""


def history_of(steps: Steps, customers: Sequence[UUID]) -> History:
    """What these steps come to, as far as they are possible."""
    history = History()
    merges: dict[UUID, CustomerMerged] = {}
    for loser, survivor in ((customers[one], customers[other]) for one, other in steps):
        sequence = 2 + sum(event.loser_id == loser for event, _ in history.events)
        if loser in history.leads_to:
            del history.leads_to[loser]
            history.events.append((unmerged(merges[loser]), sequence))
        elif loser != survivor and survivor not in history.leads_to:
            merges[loser] = merged(loser, survivor)
            history.leads_to[loser] = survivor
            history.events.append((merges[loser], sequence))
    return history
