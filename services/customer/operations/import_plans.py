"""How the rows of a file are taken, and what becomes of each; the same for all kinds of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.customer.import_jobs import ImportKey, ImportKind, ImportMode
from contracts.errors import fault
from contracts.values import ImportFault
from services.customer import models


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of a file are taken."""

    kind: ImportKind
    columns: Sequence[str]
    mapping: Mapping[str, str]
    mode: ImportMode
    key: ImportKey
    pool_id: UUID | None
    owner: str | None

    @property
    def creates_only(self) -> bool:
        """Whether what is there already is left alone."""
        return self.mode is ImportMode.CREATE

    def texts(self, cells: Sequence[str]) -> dict[str, str]:
        """A row's cells by field."""
        by_heading = dict(zip(self.columns, cells, strict=False))
        return {field: by_heading.get(heading, "") for field, heading in self.mapping.items()}

    def texts_of_row(self, cells: Sequence[str]) -> dict[str, str]:
        """The same. InvalidInput: import.too_many_cells."""
        if len(cells) > len(self.columns):
            message = (
                f"This row has {len(cells)} cells, the headings are {len(self.columns)}. Quote what holds a delimiter."
            )
            raise fault("", "import.too_many_cells", message)
        return self.texts(cells)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row; `before` holds the fields that an update has changed, as they were."""

    outcome: str
    record: models.Customer | models.Contact | None = None
    before: dict[str, Any] | None = None
    faults: tuple[ImportFault, ...] = ()
