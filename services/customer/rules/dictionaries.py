"""What a dictionary may become: each choice once, and none that was there before gone."""

from collections.abc import Collection, Sequence

from contracts.customer.dictionaries import DictionaryItem
from contracts.errors import FieldFault, InvalidInput


def check_items(items: Sequence[DictionaryItem], *, before: Collection[str] = ()) -> None:
    """InvalidInput when a key stands twice, or one of those before is missing."""
    faults: list[FieldFault] = []
    keys: set[str] = set()
    for index, item in enumerate(items):
        if item.key in keys:
            message = "This choice is there twice."
            faults.append(FieldFault(field=f"items.{index}.key", code="dictionary.repeated_item", message=message))
        keys.add(item.key)
    if missing := sorted(set(before) - keys):
        message = f"Records may hold {', '.join(missing)}: keep each choice, and make it inactive instead."
        faults.append(FieldFault(field="items", code="dictionary.item_missing", message=message))
    if faults:
        raise InvalidInput(faults[0].code, faults[0].message, fields=faults)
