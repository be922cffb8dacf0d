"""Every SELECT of the identity service, and its locks."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select, text, update
from sqlalchemy.orm import Session

from contracts.errors import NotFound
from contracts.identity.api_keys import ListApiKeys
from contracts.identity.sessions import ListAuditEntries
from contracts.identity.users import ListUserFacts, ListUsers, UserFacts, UserFactsPage
from contracts.values import Role
from servicekit import paging
from servicekit.projections import latest_sequence
from services.identity import models
from services.identity.models import ApiKey, AuditEntry, Department, ProviderSubject, SignInFailure, User


def user(db: Session, user_id: UUID) -> User:
    """One user. NotFound: user.not_found."""
    found = db.get(User, user_id)
    if found is None:
        raise NotFound("user.not_found", "There is no such user.")
    return found


def active_user_named(db: Session, name: str) -> User | None:
    """The user who may sign in by this name."""
    return db.scalar(select(User).where(User.name == name, User.active))


def user_to_change(db: Session, user_id: UUID) -> User:
    """One user, held against other changes. NotFound: user.not_found."""
    found = db.get(User, user_id, with_for_update=True)
    if found is None:
        raise NotFound("user.not_found", "There is no such user.")
    return found


def lock_other_admins(db: Session, user_id: UUID) -> int:
    """How many active admins there are besides this one; none of them ceases to be one meanwhile."""
    admins = select(User.id).where(User.role == Role.ADMIN, User.active).order_by(User.id).with_for_update()
    return sum(admin != user_id for admin in db.scalars(admins))


def users_page(db: Session, asked: ListUsers) -> tuple[list[User], str | None, int | None]:
    """A page of users by full name, the cursor of the next one, and how many all pages have if that was asked."""
    statement = select(User)
    if asked.q is not None:
        fragment = asked.q
        statement = statement.where(
            or_(User.full_name.icontains(fragment, autoescape=True), User.name.icontains(fragment, autoescape=True))
        )
    if asked.department_id is not None:
        statement = statement.where(User.department_id == asked.department_id)
    if asked.role is not None:
        statement = statement.where(User.role == asked.role)
    if asked.active is not None:
        statement = statement.where(User.active.is_(asked.active))
    rows, next_cursor = paging.page(db, statement, User.full_name, User.id, limit=asked.limit, cursor=asked.cursor)
    total = paging.total(db, statement) if asked.count else None
    return [row[0] for row in rows], next_cursor, total


def described_users(db: Session, user_ids: Sequence[UUID], names: Sequence[str]) -> Sequence[User]:
    """Those of the users with these ids or login names that exist."""
    return db.scalars(select(User).where(or_(User.id.in_(user_ids), User.name.in_(names))).order_by(User.id)).all()


def user_facts(db: Session, asked: ListUserFacts) -> UserFactsPage:
    """A page of what other services keep of people, with the sequence that belongs to just this state."""
    statement = select(User, latest_sequence(User.id))
    rows, next_cursor = paging.page(db, statement, User.id, limit=asked.limit, cursor=asked.cursor)
    told = UserFacts.model_fields.keys() - {"sequence"}
    items = [UserFacts(**{name: getattr(user, name) for name in told}, sequence=sequence) for user, sequence in rows]
    return UserFactsPage(items=items, next_cursor=next_cursor)


def department(db: Session, department_id: UUID) -> Department:
    """One department. NotFound: department.not_found."""
    found = db.get(Department, department_id)
    if found is None:
        raise NotFound("department.not_found", "There is no such department.")
    return found


def departments(db: Session) -> Sequence[Department]:
    """The whole tree, by name."""
    return db.scalars(select(Department).order_by(Department.name, Department.id)).all()


def count_departments(db: Session) -> int:
    """How many there are."""
    return db.scalar(select(func.count()).select_from(Department)) or 0


def department_and_below(db: Session, department_id: UUID) -> Sequence[UUID]:
    """A department and all that is below it."""
    return _with_all_below(db, select(Department.id).where(Department.id == department_id))


def departments_led_by(db: Session, user_id: UUID) -> Sequence[UUID]:
    """The departments whose manager this user is, and all that is below them."""
    return _with_all_below(db, select(Department.id).where(Department.manager_id == user_id))


def lock_tree(db: Session) -> None:
    """Let no other transaction change the tree until this one ends; two moves could close a circle together."""
    db.execute(text("LOCK TABLE departments IN SHARE ROW EXCLUSIVE MODE"))


def failures_since(db: Session, name: str, since: datetime) -> Sequence[datetime]:
    """When sign-ins by this name failed."""
    statement = select(SignInFailure.failed_at).where(SignInFailure.name == name, SignInFailure.failed_at > since)
    return db.scalars(statement).all()


def failures_from(db: Session, address: str, since: datetime) -> Sequence[datetime]:
    """When sign-ins from this address failed."""
    statement = select(SignInFailure.failed_at).where(SignInFailure.address == address)
    return db.scalars(statement.where(SignInFailure.failed_at > since)).all()


def failures_until(moment: datetime, *, limit: int) -> Select[UUID]:
    """Sign-ins that failed by then and that no other process is deleting."""
    old = select(SignInFailure.id).where(SignInFailure.failed_at <= moment)
    return old.limit(limit).with_for_update(skip_locked=True)


def session_of(db: Session, family_hash: bytes) -> models.Session | None:
    """The session that a refresh token belongs to; nobody else spends one of its tokens meanwhile."""
    return db.scalar(select(models.Session).where(models.Session.family_hash == family_hash).with_for_update())


def sessions_of(db: Session, user_id: UUID, *, since: datetime) -> Sequence[models.Session]:
    """A person's sessions that were used since then, the last used on top."""
    found = select(models.Session).where(models.Session.user_id == user_id, models.Session.refreshed_at >= since)
    return db.scalars(found.order_by(models.Session.refreshed_at.desc(), models.Session.id)).all()


def sessions_beyond(user_id: UUID, count: int) -> Select[UUID]:
    """Those of a person's sessions that were used longest ago, beyond so many."""
    used = select(models.Session.id).where(models.Session.user_id == user_id)
    return used.order_by(models.Session.refreshed_at.desc(), models.Session.id.desc()).offset(count)


def sessions_until(moment: datetime, *, limit: int) -> Select[UUID]:
    """Sessions that were last used by then and that no other process is deleting."""
    old = select(models.Session.id).where(models.Session.refreshed_at <= moment)
    return old.limit(limit).with_for_update(skip_locked=True)


def audit_page(db: Session, asked: ListAuditEntries) -> tuple[list[AuditEntry], str | None]:
    """A page of the audit log, the newest on top, and the cursor of the next one."""
    statement = select(AuditEntry)
    if asked.actor is not None:
        statement = statement.where(AuditEntry.actor_id == asked.actor)
    if asked.action is not None:
        statement = statement.where(AuditEntry.action == asked.action)
    if asked.since is not None:
        statement = statement.where(AuditEntry.at >= asked.since)
    keys = (AuditEntry.at, AuditEntry.id)
    rows, next_cursor = paging.page(db, statement, *keys, limit=asked.limit, cursor=asked.cursor, descending=True)
    return [row[0] for row in rows], next_cursor


def audit_entries_until(moment: datetime, *, limit: int) -> Select[UUID]:
    """Audit entries of then or before that no other process is deleting."""
    old = select(AuditEntry.id).where(AuditEntry.at <= moment)
    return old.limit(limit).with_for_update(skip_locked=True)


def person_behind(db: Session, issuer: str, subject: str) -> User | None:
    """Whom an OpenID provider means by this subject, as far as they have signed in before."""
    known = select(User).join(ProviderSubject, ProviderSubject.user_id == User.id)
    return db.scalar(known.where(ProviderSubject.issuer == issuer, ProviderSubject.subject == subject))


def active_users_at(db: Session, email: str) -> Sequence[User]:
    """Those who have this e-mail address, in any case; two at most."""
    return db.scalars(select(User).where(func.lower(User.email) == email.lower(), User.active).limit(2)).all()


def lock_name(db: Session, name: str) -> None:
    """Let sign-ins by this name be judged one after the other, in every process, until the transaction ends."""
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def key(db: Session, key_id: UUID) -> ApiKey | None:
    """An API key, whatever became of it."""
    return db.get(ApiKey, key_id)


def known_key(db: Session, key_id: UUID) -> ApiKey:
    """The same. NotFound: api_key.not_found."""
    found = key(db, key_id)
    if found is None:
        raise _no_key()
    return found


def key_to_revoke(db: Session, key_id: UUID) -> ApiKey:
    """An API key, held against other changes. NotFound: api_key.not_found."""
    found = db.get(ApiKey, key_id, with_for_update=True)
    if found is None:
        raise _no_key()
    return found


def lock_and_count_keys(db: Session) -> int:
    """How many API keys are not revoked; nobody makes another until the transaction ends."""
    db.execute(text("LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE"))
    return db.scalar(select(func.count()).where(ApiKey.revoked_at.is_(None))) or 0


def keys_page(db: Session, asked: ListApiKeys) -> tuple[list[ApiKey], str | None]:
    """A page of API keys, the newest on top, and the cursor of the next one."""
    keys = (ApiKey.created_at, ApiKey.id)
    rows, next_cursor = paging.page(db, select(ApiKey), *keys, limit=asked.limit, cursor=asked.cursor, descending=True)
    return [row[0] for row in rows], next_cursor


def note_use(db: Session, key_id: UUID, day: date) -> None:
    """Note down the last day on which an API key was used: one write a day."""
    unnoted = or_(ApiKey.last_used_on.is_(None), ApiKey.last_used_on < day)
    db.execute(update(ApiKey).where(ApiKey.id == key_id, unnoted).values(last_used_on=day))


def _with_all_below(db: Session, roots: Select[UUID]) -> Sequence[UUID]:
    tree = roots.cte("tree", recursive=True)
    tree = tree.union(select(Department.id).join(tree, Department.parent_id == tree.c.id))
    return db.scalars(select(tree.c.id)).all()


def _no_key() -> NotFound:
    return NotFound("api_key.not_found", "There is no such API key.")
