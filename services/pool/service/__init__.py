"""The door of the pool service: its RPCs and event handlers, a file per subject."""

from contracts.customer.facts import ListCustomerFacts
from contracts.identity.users import ListUserFacts
from servicekit.projections import Projection
from services.pool.operations import known
from services.pool.service.hearing import Hearing
from services.pool.service.holdings import Holdings
from services.pool.service.pools import Pools
from services.pool.service.reclaim import Reclaim


class PoolService(Pools, Holdings, Reclaim, Hearing):
    """Who holds whom: pools, claims, releases, reclaim, and each customer's holders from its first day on."""

    name = "pool"
    projections = {  # noqa: RUF012  named once, changed by nobody
        "users": Projection(ListUserFacts, known.keep_user_facts),
        "customers": Projection(ListCustomerFacts, known.keep_customer_facts),
    }
