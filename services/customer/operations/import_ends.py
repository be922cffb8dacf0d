"""How an import ends, whatever has come of it."""

from uuid import UUID

from sqlalchemy.orm import Session

from contracts.customer.import_jobs import ImportFailure, ImportFinished, ImportKind, ImportState
from servicekit import clock
from servicekit.files import Files
from servicekit.outbox import publish
from services.customer import models


def end(
    db: Session, files: Files, job: models.Import, state: ImportState, *, failure: ImportFailure | None = None
) -> None:
    """End an import: tell of it, and throw its files away."""
    job.state = state
    job.failure = None if failure is None else failure.model_dump(mode="json")
    job.finished_at = clock.now()
    job.leased_until = None
    publish(
        db,
        ImportFinished(
            import_id=job.id,
            user_id=UUID(job.created_by),
            kind=ImportKind(job.kind),
            name=job.name,
            state=state,
            created=job.created,
            updated=job.updated,
            refused=job.refused,
        ),
    )
    for file_id in (job.file_id, job.id):
        files.delete(file_id)
