"""When a lead is qualified: the checklists, and which of their items are still open."""

from collections.abc import Collection, Mapping

from contracts.customer.leads import Answer, AnswerChanges, QualificationItem, QualificationMethod
from contracts.errors import Conflict, FieldFault, InvalidInput

Answers = Mapping[str, Mapping[str, object]]
"""By item: `met` and `note`."""

_UNKNOWN: Mapping[str, object] = {"met": None, "note": ""}
_ITEMS = {
    QualificationMethod.BANT: (
        QualificationItem.BUDGET,
        QualificationItem.AUTHORITY,
        QualificationItem.NEED,
        QualificationItem.TIMELINE,
    ),
    QualificationMethod.CHAMP: (
        QualificationItem.CHALLENGES,
        QualificationItem.AUTHORITY,
        QualificationItem.MONEY,
        QualificationItem.PRIORITIZATION,
    ),
}


def answers_of(method: QualificationMethod, answers: Answers) -> list[Answer]:
    """The whole checklist of a method."""
    return [Answer.model_validate({"item": item, **answers.get(item, _UNKNOWN)}) for item in _ITEMS[method]]


def open_items(method: QualificationMethod, answers: Answers) -> list[QualificationItem]:
    """The items of a method that are not met."""
    return [answer.item for answer in answers_of(method, answers) if not answer.met]


def check_own_items(method: QualificationMethod, items: Collection[QualificationItem]) -> None:
    """InvalidInput lead.foreign_item for items that this method does not ask about."""
    faults = [
        FieldFault(field=f"answers.{item}", code="lead.foreign_item", message=f"{method.upper()} does not ask this.")
        for item in items
        if item not in _ITEMS[method]
    ]
    if faults:
        raise InvalidInput(faults[0].code, faults[0].message, fields=faults)


def answered(
    before: Answers, changes: Mapping[QualificationItem, AnswerChanges | None]
) -> dict[str, dict[str, object]]:
    """The answers after a merge patch."""
    kept = {item: dict(answer) for item, answer in before.items() if item not in changes}
    given = {item: change for item, change in changes.items() if change is not None}
    return kept | {
        item: {**_UNKNOWN, **before.get(item, {}), **change.model_dump(exclude_unset=True)}
        for item, change in given.items()
    }


def not_qualified(items: Collection[QualificationItem]) -> Conflict:
    """The refusal to convert a lead of which these items are open."""
    told = f"This lead is not qualified yet. Still to be met: {', '.join(items)}."
    return Conflict("lead.not_qualified", told, data={"open": list(items)})
