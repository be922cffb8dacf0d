"""What is known of users and pools."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from servicekit.context import Caller
from services.customer import models
from services.customer.queries.rights import is_open_to


def user(db: Session, user_id: UUID) -> models.User | None:
    """What is known of a person."""
    return db.get(models.User, user_id)


def logins(db: Session, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """The login names of those of these people that are known."""
    return {user.id: user.login for user in db.scalars(select(models.User).where(models.User.id.in_(user_ids)))}


def users_by_login(db: Session, logins: Collection[str]) -> dict[str, models.User]:
    """Those of these people that are known, by login name."""
    return {user.login: user for user in db.scalars(select(models.User).where(models.User.login.in_(logins)))}


def pools(db: Session, pool_ids: Collection[UUID]) -> set[UUID]:
    """Those of these pools that are known."""
    return set(db.scalars(select(models.Pool.id).where(models.Pool.id.in_(pool_ids))))


def open_pools(db: Session, caller: Caller, pool_ids: Collection[UUID]) -> set[UUID]:
    """Those of them that are open to a caller."""
    return set(db.scalars(select(models.Pool.id).where(models.Pool.id.in_(pool_ids), is_open_to(caller))))
