"""How long and how many customers may be protected."""

from datetime import date, timedelta

from contracts.errors import Conflict, fault
from contracts.pool.pools import PoolLimits
from services.pool.rules.handing import check_day


def check_protection(until: date, today: date, *, limits: PoolLimits, protected: int) -> None:
    """Whether an owner may protect one more customer of a pool until this day, beside so many others.

    InvalidInput: holding.past_day, holding.too_long. Conflict: holding.too_many_protected.
    """
    check_day("until", until, today)
    latest = today + timedelta(days=limits.protection_days)
    if until > latest:
        raise fault("until", "holding.too_long", f"Customers of this pool can be protected until {latest} at most.")
    if protected >= limits.protections:
        message = f"The owner has {protected} protected customers of this pool; {limits.protections} are the limit."
        raise Conflict("holding.too_many_protected", message, data={"limit": limits.protections})


def require_protected(until: date | None) -> date:
    """The last day of a protection. Conflict: holding.not_protected."""
    if until is None:
        raise Conflict("holding.not_protected", "This customer is not protected.")
    return until
