"""What is read of dictionaries."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.customer.dictionaries import Dictionary
from contracts.errors import NotFound
from services.customer import models


def dictionaries(db: Session) -> list[Dictionary]:
    """All dictionaries, by key."""
    return [as_dictionary(record) for record in db.scalars(select(models.Dictionary).order_by(models.Dictionary.key))]


def dictionary(db: Session, dictionary_id: UUID) -> models.Dictionary:
    """One dictionary. NotFound: dictionary.not_found."""
    record = db.get(models.Dictionary, dictionary_id)
    if record is None:
        raise NotFound("dictionary.not_found", "There is no such dictionary.")
    return record


def count_dictionaries(db: Session) -> int:
    """How many there are."""
    return db.scalar(select(func.count()).select_from(models.Dictionary)) or 0


def as_dictionary(record: models.Dictionary) -> Dictionary:
    """The row in the contract's shape."""
    return Dictionary(**{name: getattr(record, name) for name in Dictionary.model_fields})
