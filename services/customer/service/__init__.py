"""The door of the customer service: the RPCs it answers and the events it hears, a file per subject."""

from contracts.identity.users import ListUserFacts
from contracts.pool.facts import ListHoldingFacts, ListPoolFacts
from servicekit.projections import Projection
from services.customer.operations import others
from services.customer.service.attachments import Attachments
from services.customer.service.contacts import Contacts
from services.customer.service.customers import Customers
from services.customer.service.definitions import Definitions
from services.customer.service.duplicates import Duplicates
from services.customer.service.hearing import Hearing
from services.customer.service.imports import Imports
from services.customer.service.leads import Leads
from services.customer.service.merging import Merging


class CustomerService(Customers, Contacts, Attachments, Leads, Duplicates, Merging, Imports, Definitions, Hearing):
    """Companies and people, and the contacts of companies."""

    name = "customer"
    projections = {  # noqa: RUF012  named once, changed by nobody
        "users": Projection(ListUserFacts, others.keep_user_facts),
        "pools": Projection(ListPoolFacts, others.keep_pool_facts),
        "holders": Projection(ListHoldingFacts, others.keep_holder_facts),
    }
