"""What is asked about leads and about how customers are scored."""

from collections.abc import Callable
from typing import Any

from contracts.base import Request
from contracts.customer.customers import GetCustomer
from contracts.customer.leads import (
    AnswerChanges,
    ConvertLead,
    GetQualification,
    QualificationChanges,
    QualificationItem,
    QualifyCustomer,
)
from contracts.customer.scores import GetScoring, ScoringChanges, UpdateScoring
from deploy.docs.access import Who
from tests.e2e.access.scene import Cast, Records


def _answer(cast: Cast, _who: Who, records: Records) -> Request[Any]:
    """One item met, so that whoever comes next changes nothing of it."""
    now = cast.people[Who.OWNER].call(GetCustomer(customer_id=records.customer.id))
    changes = QualificationChanges(answers={QualificationItem.NEED: AnswerChanges(met=True)})
    return QualifyCustomer(customer_id=now.id, version=now.version, changes=changes)


def _qualified(cast: Cast, _who: Who, records: Records) -> Request[Any]:
    """A lead with nothing left open, or a prospect already."""
    owner = cast.people[Who.OWNER]
    now = owner.call(GetQualification(customer_id=records.customer.id))
    changes = QualificationChanges(answers={item: AnswerChanges(met=True) for item in now.open})
    owner.call(QualifyCustomer(customer_id=now.customer_id, version=now.version, changes=changes))
    return ConvertLead(customer_id=now.customer_id)


def _scoring(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    """The rules as they are, so that nobody's score changes."""
    now = cast.company.admin.call(GetScoring())
    return UpdateScoring(version=now.version, changes=ScoringChanges(threshold=now.threshold))


LEAD_ASKS: dict[str, Callable[[Cast, Who, Records], Request[Any]]] = {
    "get_qualification": lambda _cast, _who, records: GetQualification(customer_id=records.customer.id),
    "qualify_customer": _answer,
    "convert_lead": _qualified,
    "get_scoring": lambda *_: GetScoring(),
    "update_scoring": _scoring,
}
