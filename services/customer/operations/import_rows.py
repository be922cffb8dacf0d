"""Rows of a file taken in as customers: read by the plan, changed where they are there already, else added."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python
from sqlalchemy.orm import Session

from contracts.customer.customers import CustomerChanges
from contracts.customer.import_jobs import ImportKey, ImportMode
from contracts.customer.imports import CustomerRow
from contracts.errors import Conflict, InvalidInput, NotPermitted
from contracts.values import ImportFault
from servicekit.context import Caller
from servicekit.rpc.wire import invalid_input
from services.customer import models
from services.customer.operations import customers, deletion, imports
from services.customer.operations.import_plans import Outcome, Plan
from services.customer.queries import imports as queries
from services.customer.queries.customers import companies_to_edit, customer_to_edit
from services.customer.queries.deletion import count_children
from services.customer.rules.cells import read_cells
from services.customer.rules.import_keys import known_by, with_new_emails, with_new_phones
from services.customer.rules.search import name_key
from services.customer.settings import SETTINGS
from services.customer.tables.table import Row

_NOT_CHANGED = {"kind", "owner", "pool_id", "parent"}
"""What a row may say that is no field to change; who holds a customer is for the pool service alone to change."""


def take(db: Session, person: Caller, plan: Plan, rows: Sequence[Row]) -> dict[int, Outcome]:
    """Add or change a record by each row that is in order; the outcomes by the rows' numbers."""
    outcomes: dict[int, Outcome] = {}
    read: dict[int, dict[str, Any]] = {}
    for number, cells in rows:
        try:
            read[number] = _read(plan, cells)
        except InvalidInput as error:
            outcomes[number] = _refused(number, error)
    for round_ in _rounds(plan, read):
        outcomes |= _take_round(db, person, plan, round_)
    return outcomes


def take_back(db: Session, person: Caller, row: models.ImportRow) -> bool:
    """Delete a customer that a row added, or undo its change, unless somebody has changed it since; whether it was so.

    CallError: why not.
    """
    if row.record_id is None:
        return False
    record = customer_to_edit(db, person, row.record_id)
    if record.version != row.version or (row.outcome == "created" and count_children(db, record.id)):
        return False
    if row.outcome == "created":
        deletion.hide(db, record)
    else:
        customers.change(db, person, record, CustomerChanges.model_validate(row.before))
        db.flush()
        queries.note_version(db, row.import_id, record.id, record.version)
    return True


def _read(plan: Plan, cells: Sequence[str]) -> dict[str, Any]:
    given = read_cells(plan.texts_of_row(cells))
    if "owner" not in given and "pool_id" not in given:
        given |= {"owner": plan.owner} if plan.owner else {"pool_id": plan.pool_id} if plan.pool_id else {}
    return given


def _rounds(plan: Plan, read: Mapping[int, dict[str, Any]]) -> list[dict[int, dict[str, Any]]]:
    """Rows that mean the same record come one after the other, so that the later one meets what the first has made."""
    if plan.mode is ImportMode.CREATE:
        return [dict(read)]
    rounds: list[dict[int, dict[str, Any]]] = []
    met: defaultdict[Any, int] = defaultdict(int)
    for number, given in read.items():
        value = _key_of(plan, given)
        nth = met[value] if value is not None else 0
        met[value] += 1
        rounds += [{}] if nth == len(rounds) else []
        rounds[nth][number] = given
    return rounds


def _take_round(db: Session, person: Caller, plan: Plan, given: Mapping[int, dict[str, Any]]) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    fresh: dict[int, CustomerRow] = {}
    there = {} if plan.mode is ImportMode.CREATE else _there(db, person, plan, given)
    for number, fields in given.items():
        found = there.get(_key_of(plan, fields), [])
        try:
            if found:
                outcomes[number] = _changed(db, person, plan, number, found, fields)
            else:
                fresh[number] = _row(fields)
        except (InvalidInput, NotPermitted, Conflict) as error:
            outcomes[number] = _refused(number, error)
    if fresh:
        outcomes |= _added(imports.add(db, person, fresh))
    return outcomes


def _there(
    db: Session, person: Caller, plan: Plan, given: Mapping[int, dict[str, Any]]
) -> dict[Any, list[tuple[models.Customer, bool]]]:
    values = {_key_of(plan, fields) for fields in given.values()} - {None}
    found: defaultdict[Any, list[tuple[models.Customer, bool]]] = defaultdict(list)
    for value, record, allowed in queries.matching(db, person, plan.key, values) if values else []:
        found[value].append((record, allowed))
    return found


def _key_of(plan: Plan, fields: Mapping[str, Any]) -> Any:
    return known_by(plan.key, fields, region=SETTINGS.region)


def _changed(
    db: Session,
    person: Caller,
    plan: Plan,
    number: int,
    found: Sequence[tuple[models.Customer, bool]],
    fields: Mapping[str, Any],
) -> Outcome:
    if len(found) > 1:
        raise Conflict("import.ambiguous", "Several customers are known by this; tell them apart by another key.")
    record, allowed = found[0]
    if not allowed:
        raise NotPermitted("customer.read_only", "You may look at this customer but not change it.")
    row = _row({"name": record.name, **fields})
    wanted = {name: getattr(row, name) for name in row.model_fields_set - _NOT_CHANGED}
    if plan.key is ImportKey.EMAIL:
        wanted["emails"] = with_new_emails(record.emails, row.emails)
    if plan.key is ImportKey.PHONE:
        wanted["phones"] = with_new_phones(record.phones, row.phones, region=SETTINGS.region)
    if row.parent is not None:
        companies = companies_to_edit(db, person, keys={name_key(row.parent)}, ids=set())
        if len(companies) != 1:
            return Outcome("waiting", faults=(imports.orphan(number),))
        wanted["parent_id"] = next(iter(companies))
    before = {name: getattr(record, name) for name in wanted}
    customers.change(db, person, record, CustomerChanges.model_construct(_fields_set=set(wanted), **wanted))
    changed = {name: value for name, value in before.items() if getattr(record, name) != value}
    return Outcome("updated", record, to_jsonable_python(changed))


def _row(fields: Mapping[str, Any]) -> CustomerRow:
    try:
        return CustomerRow.model_validate({name: value for name, value in fields.items() if name != "id"})
    except ValidationError as error:
        raise invalid_input(error) from None


def _added(added: imports.Added) -> dict[int, Outcome]:
    faults: defaultdict[int, list[ImportFault]] = defaultdict(list)
    for one in added.refused:
        faults[one.row].append(one)
    return {
        **{number: Outcome("created", record) for number, record in added.records.items()},
        **{number: Outcome("refused", faults=tuple(named)) for number, named in faults.items()},
        **{number: Outcome("waiting", faults=(imports.orphan(number),)) for number in added.orphans},
    }


def _refused(number: int, error: InvalidInput | NotPermitted | Conflict) -> Outcome:
    if isinstance(error, Conflict) or error.code == "customer.read_only":
        return Outcome("refused", faults=(ImportFault(row=number, field="", code=error.code, message=error.detail),))
    return Outcome("refused", faults=tuple(imports.refusals(number, error)))
