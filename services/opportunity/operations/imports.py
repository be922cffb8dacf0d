"""Taking in up to 500 opportunities at once: match all names in few statements, plan each row, write in bulk."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.orm import Session

from contracts.base import Event
from contracts.opportunity.imports import ImportOpportunities, OpportunityRow
from contracts.opportunity.pipelines import State
from contracts.values import ImportedRow, ImportFault, ImportResult
from servicekit import clock
from servicekit.context import Caller, caller
from servicekit.database import new_id
from servicekit.outbox import publish
from services.opportunity import models
from services.opportunity.operations import known as others
from services.opportunity.operations import told
from services.opportunity.queries import catalogue, known
from services.opportunity.queries import opportunities as queries
from services.opportunity.rules import imports as rules
from services.opportunity.rules import rights
from services.opportunity.rules.names import Directory, fold

_COLUMNS = tuple(attribute.key for attribute in models.Opportunity.__mapper__.column_attrs)
_IN_ONE = {"render_nulls": True}
"""Rows that leave out different columns would each need a statement of their own."""


def import_opportunities(db: Session, request: ImportOpportunities) -> ImportResult:
    """Take what can be taken; each row answers by itself."""
    person, now = caller(), clock.now()
    rights.require_importer(person.role)
    fresh, warnings = _fresh(db, request.rows)
    importer = rules.Importer(person.signed_by, person.role, person.departments)
    names = _known(db, person, fresh.values())
    readings = [rules.read(number, row, names, importer=importer, now=now) for number, row in fresh.items()]
    plans = [reading.plan for reading in readings if reading.plan is not None]
    written = _write(db, plans, person, now=now)
    raced = [rules.already_imported(plan.row) for plan in plans if plan.row not in written]
    warnings += raced + [each for reading in readings for each in reading.warnings if reading.row in written]
    return ImportResult(
        imported=[ImportedRow(row=row, id=record.id) for row, record in sorted(written.items())],
        refused=[each for reading in readings for each in reading.refused],
        warnings=sorted(warnings, key=lambda each: each.row),
    )


def _fresh(db: Session, rows: Sequence[OpportunityRow]) -> tuple[dict[int, OpportunityRow], list[ImportFault]]:
    """The rows that are not there yet, by their numbers, and the warnings about the others."""
    seen = queries.known_external_ids(db, {row.external_id for row in rows})
    fresh: dict[int, OpportunityRow] = {}
    warnings = []
    for number, row in enumerate(rows, start=1):
        if row.external_id in seen:
            warnings.append(rules.already_imported(number))
        else:
            fresh[number] = row
            seen.add(row.external_id)
    return fresh, warnings


def _known(db: Session, person: Caller, rows: Collection[OpportunityRow]) -> rules.Known:
    stages = catalogue.stages(db, None)
    return rules.Known(
        pipeline_id=stages[0].pipeline_id,
        stages=tuple(rules.Choice(stage.id, stage.name) for stage in stages),
        people=_people(db, {fold(row.owner): row.owner for row in rows}),
        products=Directory(catalogue.products_named(db, {fold(row.product) for row in rows if row.product})),
        customers=_customers(db, person, {fold(row.customer): row.customer for row in rows if row.customer}),
    )


def _people(db: Session, written: Mapping[str, str]) -> Directory[rules.Colleague]:
    """The people of these names, by their folded names."""
    people = Directory(known.people_named(db, written))
    strangers = [name for name in written.values() if not people.find(name)]
    if not strangers:
        return people
    others.ask_about_people(db, strangers)
    return Directory(known.people_named(db, written))


def _customers(db: Session, person: Caller, written: Mapping[str, str]) -> Directory[rules.Choice]:
    found, unknown = known.customers_named(db, person, written)
    if unknown:
        others.ask_about_customers(db, [written[name] for name in unknown])
        found, _ = known.customers_named(db, person, written)
    return Directory(found)


def _write(
    db: Session, plans: Sequence[rules.Planned], person: Caller, *, now: datetime
) -> dict[int, models.Opportunity]:
    """Write what nobody else is importing at this moment: the records by the numbers of their rows."""
    if not plans:
        return {}
    records = {plan.row: _record(plan, now) for plan in plans}
    # In one order, so that two imports of the same rows wait for each other instead of locking each other out.
    ordered = sorted(records.values(), key=lambda record: record.external_id or "")
    unless_there = insert_unless_there(models.Opportunity).on_conflict_do_nothing(index_elements=["external_id"])
    values = [{name: getattr(record, name) for name in _COLUMNS} for record in ordered]
    taken = set(db.scalars(unless_there.returning(models.Opportunity.id), values, execution_options=_IN_ONE))
    written = [plan for plan in plans if records[plan.row].id in taken]
    if written:
        spans = [_span(records[plan.row], plan, person) for plan in written]
        db.execute(insert(models.StageSpan), spans, execution_options=_IN_ONE)
    publish(db, *(event for plan in written for event in _announced(records[plan.row], plan)))
    return {plan.row: records[plan.row] for plan in written}


def _record(plan: rules.Planned, now: datetime) -> models.Opportunity:
    return models.Opportunity(
        id=new_id(),
        name=plan.name,
        customer_id=plan.customer_id,
        owner_id=plan.owner_id,
        pipeline_id=plan.pipeline_id,
        stage_id=plan.stage.id,
        state=plan.state,
        amount=plan.amount,
        product_id=plan.product_id,
        note="",
        entered_stage_at=plan.began_at,
        closed_on=plan.closed_on,
        external_id=plan.external_id,
        version=1,
        created_at=now,
        updated_at=now,
    )


def _span(record: models.Opportunity, plan: rules.Planned, person: Caller) -> dict[str, Any]:
    return {
        "opportunity_id": record.id,
        "number": 1,
        "stage_id": record.stage_id,
        "entered_at": plan.began_at,
        "left_at": plan.closed_at,
        "by_id": person.signed_by,
        "by_name": person.name,
    }


def _announced(record: models.Opportunity, plan: rules.Planned) -> Iterator[Event]:
    yield told.opened(record, stage=plan.stage.name)
    if plan.state is State.WON:
        yield told.won(record)
    elif plan.state is State.LOST:
        yield told.lost(record)
