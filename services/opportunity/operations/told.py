"""The events that tell of an opportunity."""

from contracts.opportunity.opportunities import (
    OpportunityLost,
    OpportunityOpened,
    OpportunityStageChanged,
    OpportunityUpdated,
    OpportunityWon,
)
from services.opportunity import models


def opened(record: models.Opportunity, *, stage: str) -> OpportunityOpened:
    """It began."""
    return OpportunityOpened(
        opportunity_id=record.id,
        customer_id=record.customer_id,
        owner_id=record.owner_id,
        name=record.name,
        pipeline_id=record.pipeline_id,
        stage=stage,
        amount=record.amount,
    )


def updated(record: models.Opportunity, changed: list[str]) -> OpportunityUpdated:
    """Fields of it changed."""
    return OpportunityUpdated(
        opportunity_id=record.id,
        customer_id=record.customer_id,
        owner_id=record.owner_id,
        name=record.name,
        amount=record.amount,
        changed=changed,
    )


def stage_changed(
    record: models.Opportunity, left: models.StageSpan, *, from_stage: str, to_stage: str
) -> OpportunityStageChanged:
    """It moved on from this stretch."""
    until = record.entered_stage_at
    return OpportunityStageChanged(
        opportunity_id=record.id,
        customer_id=record.customer_id,
        owner_id=record.owner_id,
        name=record.name,
        from_stage=from_stage,
        to_stage=to_stage,
        seconds_in_stage=int((until - left.entered_at).total_seconds()),
    )


def won(record: models.Opportunity) -> OpportunityWon:
    """It was won, so it has a customer, an amount and a day."""
    return OpportunityWon.model_validate(
        {
            "opportunity_id": record.id,
            "customer_id": record.customer_id,
            "owner_id": record.owner_id,
            "name": record.name,
            "amount": record.amount,
            "closed_on": record.closed_on,
        }
    )


def lost(record: models.Opportunity) -> OpportunityLost:
    """It was lost; an import knows no reason."""
    return OpportunityLost.model_validate(
        {
            "opportunity_id": record.id,
            "customer_id": record.customer_id,
            "owner_id": record.owner_id,
            "name": record.name,
            "reason": record.loss_reason or "",
            "competitor": record.competitor,
            "closed_on": record.closed_on,
        }
    )
