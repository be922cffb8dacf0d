"""A stand-in for the customer service, run as a process of its own: it knows every customer whose id is a UUIDv7."""

# run patches the standard library, so it is imported first.
# ruff: noqa: I001
from servicekit.run import run

from contracts.customer.facts import CustomerFacts, DescribeCustomers, DescribedCustomers
from contracts.errors import NotPermitted
from contracts.pool.pools import DEFAULT_POOL_ID
from contracts.values import Lifecycle
from servicekit import context
from servicekit.rpc import answers
from servicekit.service import Service


class CustomerService(Service):
    """Answers the pool service's question, and nobody else's."""

    name = "customer"

    @answers(DescribeCustomers)
    def describe_customers(self, request: DescribeCustomers) -> DescribedCustomers:
        """All of them wait in the default pool."""
        caller = context.caller()
        if (caller.kind, caller.id) != ("system", "pool"):
            raise NotPermitted("customer.services_only", "This is for services.")
        facts = [
            CustomerFacts(
                id=each,
                kind="company",
                name="Acme",
                lifecycle=Lifecycle.LEAD,
                owner_id=None,
                pool_id=DEFAULT_POOL_ID,
                sequence=1,
            )
            for each in request.customer_ids
            if each.version == 7
        ]
        return DescribedCustomers(items=facts)


if __name__ == "__main__":
    run(CustomerService)
