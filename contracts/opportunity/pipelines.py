"""Pipelines and their stages."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import Message, Request
from contracts.values import (
    Line,
    Value,
)


class State(StrEnum):
    """Where an opportunity stands beside its stage."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Stage(Value):
    """A step of a pipeline; probability in percent."""

    id: UUID
    name: str
    position: int
    probability: int


class Pipeline(Message):
    """An ordered set of stages."""

    id: UUID
    name: str
    default: bool
    stages: list[Stage]
    version: int


class PipelineList(Message):
    """All pipelines (at most 200), by name."""

    items: list[Pipeline]


class ListPipelines(Request[PipelineList], to="opportunity"):
    """The pipelines with their stages."""


class GetPipeline(Request[Pipeline], to="opportunity"):
    """One pipeline with its stages. NotFound: pipeline.not_found."""

    pipeline_id: UUID


class NewStage(Value):
    """A stage of a new pipeline, in the order of the list."""

    name: Line
    probability: Annotated[int, Field(ge=0, le=100)]


class CreatePipeline(Request[Pipeline], to="opportunity"):
    """Add a pipeline (admin). Names are the same when they differ in case, blanks and punctuation alone.

    Conflict: pipeline.name_taken, pipeline.too_many (of 200). InvalidInput: stage.name_taken, stage.name_reserved (won,
    lost). NotPermitted: pipeline.admins_only.
    """

    name: Line
    stages: Annotated[list[NewStage], Field(min_length=1, max_length=30)]
