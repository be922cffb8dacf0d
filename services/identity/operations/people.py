"""People: who they are, added and changed; and what other services are told of them."""

from typing import Any

from sqlalchemy.orm import Session

from contracts.errors import Conflict
from contracts.identity.users import (
    CreateUser,
    DescribedUsers,
    DescribeUsers,
    GetUser,
    ListUserFacts,
    ListUsers,
    UpdateUser,
    User,
    UserCreated,
    UserFactsPage,
    UserPage,
    UserUpdated,
)
from servicekit import clock
from servicekit.context import caller
from servicekit.database import flush_unique, new_id
from servicekit.outbox import publish
from servicekit.records import apply_changes, check_version
from services.identity import models, passwords, queries, rules
from services.identity.operations import auditing


def get_me(db: Session) -> User:
    """The caller's own record."""
    return _user(queries.user(db, caller().user_id))


def get_user(db: Session, request: GetUser) -> User:
    """One person."""
    rules.require_reader(caller())
    return _user(queries.user(db, request.user_id))


def list_users(db: Session, request: ListUsers) -> UserPage:
    """A page of people."""
    rules.require_reader(caller())
    users, next_cursor, total = queries.users_page(db, request)
    return UserPage(items=[_user(user) for user in users], next_cursor=next_cursor, total=total)


def describe_users(db: Session, request: DescribeUsers) -> DescribedUsers:
    """People by id or login name, for the other services."""
    rules.require_process(caller())
    users = queries.described_users(db, request.user_ids, [name.lower() for name in request.names])
    return DescribedUsers(items=[_user(user) for user in users])


def list_user_facts(db: Session, request: ListUserFacts) -> UserFactsPage:
    """What the other services keep of people, page by page."""
    rules.require_process(caller())
    return queries.user_facts(db, request)


def create_user(db: Session, request: CreateUser) -> User:
    """Add a person."""
    rules.require_founder(caller())
    rules.check_time_zone(request.time_zone, "time_zone")
    rules.check_persons_role(request.role, "role")
    # Before the first query, so that no connection is held while the hash is computed.
    password_hash = None if request.password is None else passwords.hashed(request.password)
    if request.department_id is not None:
        queries.department(db, request.department_id)
    now = clock.now()
    user = models.User(
        id=new_id(),
        password_hash=password_hash,
        active=True,
        created_at=now,
        updated_at=now,
        **request.model_dump(exclude={"password"}),
    )
    db.add(user)
    flush_unique(db, "uq_users_name", Conflict("identity.name_taken", "Somebody already signs in by this name."))
    publish(db, UserCreated(**announced(user)))
    auditing.record(db, "user.created", target=user.id, details={"role": user.role})
    return _user(user)


def update_user(db: Session, request: UpdateUser) -> User:
    """Change a person."""
    rules.require_founder(caller())
    user, changes = queries.user(db, request.user_id), request.changes
    check_version(user, request.version)
    if changes.time_zone is not None:
        rules.check_time_zone(changes.time_zone, "changes.time_zone")
    if changes.department_id is not None:
        queries.department(db, changes.department_id)
    if changes.role is not None and changes.role != user.role:
        rules.check_persons_role(changes.role, "changes.role")
        if user.active:
            rules.check_admin_left(user.role, queries.lock_other_admins(db, user.id))
    if changed := list(apply_changes(user, changes)):
        user.updated_at = clock.now()
        db.flush()
        publish(db, UserUpdated(**announced(user), changed=changed))
        auditing.record(db, "user.updated", target=user.id, details={"changed": changed, "role": user.role})
    return _user(user)


def announced(user: models.User) -> dict[str, Any]:
    """What the events about a person tell."""
    names = ("name", "full_name", "role", "department_id", "language", "time_zone", "active")
    return {"user_id": user.id} | {name: getattr(user, name) for name in names}


def _user(user: models.User) -> User:
    return User.model_validate(user, from_attributes=True)
