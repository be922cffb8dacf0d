"""The base of every service class, and how to find it by the service's name."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, ClassVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from contracts.base import GetHealth, Health
from contracts.errors import NotFound
from contracts.log import EventLog, ListEvents
from contracts.operations import (
    DeadLetterDetails,
    DeadLetterPage,
    DropDeadLetter,
    DroppedDeadLetters,
    GetDeadLetter,
    ListDeadLetters,
    ListProjections,
    ListQueues,
    ProjectionList,
    QueueList,
    RebuildProjection,
    RebuiltBatch,
    ReplayDeadLetters,
    ReplayedDeadLetters,
)
from servicekit import event_log, idempotency
from servicekit.events import dead_letters, queues_of
from servicekit.operators import require_operator
from servicekit.projections import Projection
from servicekit.rpc import answers, answers_anyone
from servicekit.runtime import Runtime
from servicekit.timers import every

_STARTED_AT = datetime.now(UTC)


class Service:
    """A service: its RPC methods (`@answers`), event handlers (`@on`) and timers (`@every`).

    One instance lives for one piece of work; `db` is that work's session, in a transaction that the decorators commit,
    and `runtime` what the process stands on.
    """

    name: ClassVar[str]
    projections: ClassVar[Mapping[str, Projection[Any]]] = {}
    """The copies of other services' records that it keeps; each is filled anew after those before it."""
    db: Session
    runtime: Runtime

    @answers_anyone(GetHealth)
    def get_health(self, _request: GetHealth) -> Health:
        """How this process is; every service answers this."""
        self.db.execute(text("SELECT 1"))
        return Health(service=self.name, process=os.getpid(), started_at=_STARTED_AT)

    @answers(ListEvents)
    def list_events(self, request: ListEvents) -> EventLog:
        """The events that this service has published."""
        return event_log.read(self.db, request)

    @answers(ListDeadLetters)
    def list_dead_letters(self, request: ListDeadLetters) -> DeadLetterPage:
        """The events that this service's handlers gave up on."""
        return dead_letters.list_dead_letters(self.db, request)

    @answers(GetDeadLetter)
    def get_dead_letter(self, request: GetDeadLetter) -> DeadLetterDetails:
        """One of them, whole."""
        return dead_letters.get_dead_letter(self.db, request)

    @answers(ReplayDeadLetters)
    def replay_dead_letters(self, request: ReplayDeadLetters) -> ReplayedDeadLetters:
        """Have some of them tried again."""
        return dead_letters.replay_dead_letters(self.db, request)

    @answers(DropDeadLetter)
    def drop_dead_letter(self, request: DropDeadLetter) -> DroppedDeadLetters:
        """Forget one of them."""
        return dead_letters.drop_dead_letter(self.db, request)

    @answers(ListProjections)
    def list_projections(self, _request: ListProjections) -> ProjectionList:
        """The copies of other services' records that this one keeps."""
        require_operator()
        return ProjectionList(names=list(self.projections))

    @answers(RebuildProjection)
    def rebuild_projection(self, request: RebuildProjection) -> RebuiltBatch:
        """Bring a stretch of one of them to what its source says."""
        require_operator()
        projection = self.projections.get(request.name)
        if projection is None:
            raise NotFound("projection.not_found", f"The {self.name} service keeps no {request.name}.")
        return projection.rebuild(self.db, request.cursor)

    @answers(ListQueues)
    def list_queues(self, _request: ListQueues) -> QueueList:
        """The queues of this service's handlers."""
        require_operator()
        return QueueList(names=[queue.name for queue in queues_of(type(self))])

    @every(seconds=60)
    def forget_idempotency_keys(self) -> bool:
        """Answers to repeats are kept for a day."""
        return idempotency.forget(self.db)


def find(name: str) -> type[Service]:
    """The service class in services/<name>/service.py."""
    try:
        module = import_module(f"services.{name}.service")
    except ModuleNotFoundError as error:
        if error.name not in {"services", f"services.{name}", f"services.{name}.service"}:
            raise
        raise SystemExit(f"There is no service named {name}.") from None
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Service) and getattr(value, "name", None) == name:
            return value
    raise SystemExit(f"services/{name}/service.py holds no Service named {name}.")
