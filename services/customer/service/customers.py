"""A part of the customer service's door. Customers: added, read, changed; their histories."""

from contracts.customer.customers import (
    CreateCustomer,
    Customer,
    CustomerPage,
    GetCustomer,
    ListCustomers,
    UpdateCustomer,
)
from contracts.customer.facts import CustomerFactsPage, DescribeCustomers, DescribedCustomers, ListCustomerFacts
from contracts.customer.history import ChangePage, ListChanges
from servicekit.rpc import answers
from servicekit.service import Service
from services.customer.operations import (
    customers,
    history,
)


class Customers(Service):
    """Customers: added, read, changed; their histories."""

    @answers(CreateCustomer)
    def create_customer(self, request: CreateCustomer) -> Customer:
        return customers.create(self.db, request)

    @answers(GetCustomer)
    def get_customer(self, request: GetCustomer) -> Customer:
        return customers.get(self.db, request)

    @answers(UpdateCustomer)
    def update_customer(self, request: UpdateCustomer) -> Customer:
        return customers.update(self.db, request)

    @answers(ListCustomers)
    def list_customers(self, request: ListCustomers) -> CustomerPage:
        return customers.list_customers(self.db, request)

    @answers(DescribeCustomers)
    def describe_customers(self, request: DescribeCustomers) -> DescribedCustomers:
        return customers.describe(self.db, request)

    @answers(ListCustomerFacts)
    def list_customer_facts(self, request: ListCustomerFacts) -> CustomerFactsPage:
        return customers.list_facts(self.db, request)

    @answers(ListChanges)
    def list_changes(self, request: ListChanges) -> ChangePage:
        return history.list_changes(self.db, request)
