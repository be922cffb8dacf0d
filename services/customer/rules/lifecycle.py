"""How customers move through their lifecycle: which steps there are, which one is gated, and why one ends as junk."""

from contracts.errors import Conflict, fault
from contracts.values import Lifecycle

_STEPS = {
    Lifecycle.LEAD: (Lifecycle.MARKETING_QUALIFIED, Lifecycle.PROSPECT, Lifecycle.CUSTOMER, Lifecycle.JUNK),
    Lifecycle.MARKETING_QUALIFIED: (Lifecycle.LEAD, Lifecycle.PROSPECT, Lifecycle.CUSTOMER, Lifecycle.JUNK),
    Lifecycle.PROSPECT: (Lifecycle.LEAD, Lifecycle.MARKETING_QUALIFIED, Lifecycle.CUSTOMER, Lifecycle.JUNK),
    Lifecycle.CUSTOMER: (Lifecycle.PROSPECT, Lifecycle.CHURNED),
    Lifecycle.CHURNED: (Lifecycle.PROSPECT, Lifecycle.CUSTOMER),
    Lifecycle.JUNK: (Lifecycle.LEAD, Lifecycle.MARKETING_QUALIFIED),
}
"""Where a customer may go from each stage; a step taken by mistake can be taken back."""
_EARLY = frozenset({Lifecycle.LEAD, Lifecycle.MARKETING_QUALIFIED})
_CONVERTED = frozenset({Lifecycle.PROSPECT, Lifecycle.CUSTOMER})


def check_step(before: Lifecycle, after: Lifecycle) -> None:
    """Conflict lifecycle.not_allowed where no step leads from one stage to the other."""
    allowed = _STEPS[before]
    if after not in allowed:
        told = f"A customer can't go from {before} to {after}; from {before} it goes to {', '.join(allowed)}."
        raise Conflict("lifecycle.not_allowed", told, data={"lifecycle": before, "allowed": list(allowed)})


def converts(before: Lifecycle, after: Lifecycle) -> bool:
    """Whether this step makes a lead more than a lead."""
    return before in _EARLY and after in _CONVERTED


def is_converted(stage: Lifecycle) -> bool:
    """Whether a customer at this stage was converted already."""
    return stage in _CONVERTED


def check_junk_reason(stage: Lifecycle, reason: str | None) -> None:
    """InvalidInput unless there is a reason where it is junk, and there alone."""
    if stage is Lifecycle.JUNK and reason is None:
        raise fault("junk_reason", "customer.junk_reason_required", "Say why this customer is junk.")
    if stage is not Lifecycle.JUNK and reason is not None:
        raise fault("junk_reason", "customer.not_junk", "Only a customer whose lifecycle is junk has a junk reason.")
