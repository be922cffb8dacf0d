"""The tables, a file per aggregate; a new one is named here."""

from services.customer.models.customers import (
    Base,
    Change,
    Collaborator,
    Contact,
    Customer,
    CustomField,
    Dictionary,
    Figures,
    OneValue,
    Opportunity,
    Pool,
    Qualification,
    UniqueValue,
    User,
)
from services.customer.models.imports import Import, ImportRow, Upload

__all__ = [
    "Base",
    "Change",
    "Collaborator",
    "Contact",
    "CustomField",
    "Customer",
    "Dictionary",
    "Figures",
    "Import",
    "ImportRow",
    "OneValue",
    "Opportunity",
    "Pool",
    "Qualification",
    "UniqueValue",
    "Upload",
    "User",
]
