"""What the pool service counts for Prometheus."""

from prometheus_client import Counter

POSTPONED = Counter(
    "crm_reclaim_postponed",
    "Holdings whose review waits because a service that knows the facts did not answer, by that service.",
    ["service"],
)
WARNED = Counter("crm_reclaim_warned", "Warnings before a reclaim.")
RECLAIMED = Counter("crm_reclaimed", "Customers taken back from their owners, by rule.", ["rule"])
