"""The tables, a file per aggregate; a new one is named here."""

from services.customer.models.attachments import Attachment
from services.customer.models.base import Base
from services.customer.models.classification import Classification, ClassificationRule
from services.customer.models.custom_fields import CustomField, Dictionary, UniqueValue
from services.customer.models.customers import Change, Collaborator, Contact, Customer, Merge, Qualification
from services.customer.models.duplicates import CustomerKey, DuplicatePolicy, DuplicateScan, Suspicion
from services.customer.models.imports import Import, ImportRow, Upload
from services.customer.models.others import Figures, Opportunity, Pool, User
from services.customer.models.scores import Score, Scoring
from services.customer.models.segments import Segment

__all__ = [
    "Attachment",
    "Base",
    "Change",
    "Classification",
    "ClassificationRule",
    "Collaborator",
    "Contact",
    "CustomField",
    "Customer",
    "CustomerKey",
    "Dictionary",
    "DuplicatePolicy",
    "DuplicateScan",
    "Figures",
    "Import",
    "ImportRow",
    "Merge",
    "Opportunity",
    "Pool",
    "Qualification",
    "Score",
    "Scoring",
    "Segment",
    "Suspicion",
    "UniqueValue",
    "Upload",
    "User",
]
