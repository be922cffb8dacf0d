"""Opportunities: open, read, change."""

from uuid import UUID

from sqlalchemy.orm import Session

from contracts.opportunity.opportunities import (
    CreateOpportunity,
    CustomerOpportunities,
    GetCustomerOpportunities,
    GetOpportunity,
    ListOpportunities,
    ListStageHistory,
    Opportunity,
    OpportunityChanges,
    OpportunityPage,
    StageHistory,
    UpdateOpportunity,
)
from contracts.opportunity.pipelines import State
from contracts.opportunity.reports import Funnel, GetFunnel
from servicekit import clock
from servicekit.context import caller
from servicekit.database import new_id
from servicekit.outbox import publish
from servicekit.records import apply_changes, check_version
from services.opportunity import models
from services.opportunity.operations import told
from services.opportunity.operations.known import customer_to_edit, owner_of_new, refuse_merged
from services.opportunity.queries import catalogue, funnel, known
from services.opportunity.queries import opportunities as queries
from services.opportunity.queries.opportunities import Found
from services.opportunity.rules import opportunities as rules
from services.opportunity.rules import rights


def create(db: Session, request: CreateOpportunity) -> Opportunity:
    """Open an opportunity."""
    now, person = clock.now(), caller()
    rules.check_amount(request.amount, "amount")
    customer = customer_to_edit(db, person, request.customer_id)
    owner_id = owner_of_new(db, person, customer, request.owner_id)
    stage = rules.choose_stage(catalogue.stages(db, request.pipeline_id), request.stage_id)
    product_name = None if request.product_id is None else catalogue.product_name(db, request.product_id)
    record = models.Opportunity(
        id=new_id(),
        customer_id=request.customer_id,
        name=request.name,
        amount=request.amount,
        product_id=request.product_id,
        expected_close_on=request.expected_close_on,
        source=request.source,
        note=request.note,
        owner_id=owner_id,
        pipeline_id=stage.pipeline_id,
        stage_id=stage.id,
        state=State.OPEN,
        entered_stage_at=now,
        created_at=now,
        updated_at=now,
    )
    db.add(record)
    db.flush()
    db.add(
        models.StageSpan(
            opportunity_id=record.id,
            number=1,
            stage_id=stage.id,
            entered_at=now,
            by_id=person.signed_by,
            by_name=person.name,
        )
    )
    publish(db, told.opened(record, stage=stage.name))
    owner_name = known.user_name(db, owner_id)
    return queries.as_opportunity(Found(record, stage, customer.name, product_name, owner_name))


def get(db: Session, request: GetOpportunity) -> Opportunity:
    """One opportunity that the caller may see."""
    return queries.as_opportunity(queries.find(db, caller(), request.opportunity_id))


def list_opportunities(db: Session, request: ListOpportunities) -> OpportunityPage:
    """A page of the opportunities that the caller may see; those of a merged customer hang from its survivor."""
    if request.customer_id is not None:
        survivor_id = known.survivor_of(db, caller(), request.customer_id)
        request = request.model_copy(update={"customer_id": survivor_id or request.customer_id})
    return queries.list_opportunities(db, caller(), request)


def list_stage_history(db: Session, request: ListStageHistory) -> StageHistory:
    """The way of an opportunity that the caller may see."""
    queries.find(db, caller(), request.opportunity_id)
    return queries.history(db, request.opportunity_id, now=clock.now())


def customer_opportunities(db: Session, request: GetCustomerOpportunities) -> CustomerOpportunities:
    """The opportunities' part of the 360 view."""
    found = queries.of_customer(db, caller(), request.customer_id)
    if not found.open and not found.closed:
        refuse_merged(db, caller(), request.customer_id)
    return found


def get_funnel(db: Session, request: GetFunnel) -> Funnel:
    """The figures of a pipeline over what the caller may see."""
    rules.check_period(request.from_day, request.to_day)
    return funnel.funnel(db, caller(), request, catalogue.stages(db, request.pipeline_id))


def update(db: Session, request: UpdateOpportunity) -> Opportunity:
    """Change fields of an opportunity."""
    found = to_edit(db, request.opportunity_id)
    record, before = found.record, found.record.customer_id
    check_version(record, request.version)
    rules.check_changes(request.changes, customer_id=before)
    found = _with_names_given(db, found, request.changes)
    changed = list(apply_changes(record, request.changes))
    rules.check_changed(changed, state=record.state, customer_id=before)
    if "customer_id" in changed:
        record.merged_from_id = None
    if changed:
        record.updated_at = clock.now()
        publish(db, told.updated(record, changed))
        db.flush()
    return queries.as_opportunity(found)


def to_edit(db: Session, opportunity_id: UUID) -> Found:
    """An opportunity that the caller may edit, held against other changes."""
    person = caller()
    queries.lock(db, opportunity_id)
    found = queries.find(db, person, opportunity_id)
    if not queries.may_edit(db, person, opportunity_id):
        raise rights.read_only()
    return found


def _with_names_given(db: Session, found: Found, changes: OpportunityChanges) -> Found:
    """With the names of a customer and a product newly given; the caller must be able to edit such a customer."""
    if changes.customer_id is not None and changes.customer_id != found.record.customer_id:
        found = found._replace(customer_name=customer_to_edit(db, caller(), changes.customer_id).name)
    if "product_id" in changes.model_fields_set:
        product_id = changes.product_id
        found = found._replace(product_name=None if product_id is None else catalogue.product_name(db, product_id))
    return found
