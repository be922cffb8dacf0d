"""The verbs: sign in, issue tokens, add and change people and departments."""

from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contracts.errors import Conflict, NotFound, NotPermitted
from contracts.identity import (
    AccessToken,
    CreateDepartment,
    CreateUser,
    Department,
    DepartmentChanges,
    DepartmentList,
    DescribedUsers,
    DescribeUsers,
    GetUser,
    IssueToken,
    ListUserFacts,
    ListUsers,
    SignIn,
    UpdateDepartment,
    UpdateUser,
    User,
    UserCreated,
    UserFactsPage,
    UserPage,
    UserUpdated,
)
from servicekit import clock
from servicekit.context import caller
from servicekit.database import new_id
from servicekit.logging import get_logger
from servicekit.outbox import publish
from servicekit.records import apply_changes, check_version
from services.identity import models, passwords, queries, rules
from services.identity.issuer import Issuer

log = get_logger(__name__)

_FORGOTTEN_AT_ONCE = 1_000


def sign_in(db: Session, request: SignIn, issuer: Issuer) -> AccessToken:
    """Check a password. What it costs and what it says is the same for unknown names.

    Attempts on one name are judged one after the other, after the costly check: of however many made at once, on
    however many processes, no more are answered than would be in a row, and right ones never lock each other out.
    """
    name = request.name.lower()
    _refuse_while_locked(db, name)
    user = queries.active_user_named(db, name)
    right = passwords.matches(request.password, user.password_hash if user else None)
    queries.lock_name(db, name)
    _refuse_while_locked(db, name)
    if user is None or not right:
        db.add(models.SignInFailure(id=new_id(), name=name, failed_at=clock.now()))
        db.commit()  # the refusal rolls back, and the failure must count nevertheless
        raise NotPermitted("auth.bad_credentials", "The name or the password is wrong.")
    return _token_for(db, user, issuer)


def issue_token(db: Session, request: IssueToken, issuer: Issuer) -> AccessToken:
    """A token without a password, for the command line."""
    rules.require_command_line(caller())
    user = queries.active_user_named(db, request.name.lower())
    if user is None:
        raise NotFound("user.not_found", "There is no such user.")
    log.info("token issued to the command line", user=str(user.id))
    return _token_for(db, user, issuer)


def forget_old_failures(db: Session) -> bool:
    """Delete what no longer locks anybody; True when there may be more."""
    old = queries.failures_until(clock.now() - rules.WINDOW, limit=_FORGOTTEN_AT_ONCE)
    failure = models.SignInFailure.id
    gone = db.scalars(delete(models.SignInFailure).where(failure.in_(old)).returning(failure)).all()
    return len(gone) == _FORGOTTEN_AT_ONCE


def get_me(db: Session) -> User:
    """The caller's own record."""
    return _user(queries.user(db, caller().user_id))


def get_user(db: Session, request: GetUser) -> User:
    """One person."""
    rules.require_person(caller())
    return _user(queries.user(db, request.user_id))


def list_users(db: Session, request: ListUsers) -> UserPage:
    """A page of people."""
    rules.require_person(caller())
    users, next_cursor = queries.users_page(db, request)
    return UserPage(items=[_user(user) for user in users], next_cursor=next_cursor)


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
    _flush(db, "uq_users_name", Conflict("identity.name_taken", "Somebody already signs in by this name."))
    publish(db, UserCreated(**_announced(user)))
    return _user(user)


def update_user(db: Session, request: UpdateUser) -> User:
    """Change a person."""
    rules.require_admin(caller())
    user, changes = queries.user(db, request.user_id), request.changes
    check_version(user, request.version)
    if changes.time_zone is not None:
        rules.check_time_zone(changes.time_zone, "changes.time_zone")
    if changes.department_id is not None:
        queries.department(db, changes.department_id)
    if changed := apply_changes(user, changes):
        user.updated_at = clock.now()
        db.flush()
        publish(db, UserUpdated(**_announced(user), changed=changed))
    return _user(user)


def list_departments(db: Session) -> DepartmentList:
    """The whole tree."""
    rules.require_person(caller())
    return DepartmentList(items=[_department(department) for department in queries.departments(db)])


def create_department(db: Session, request: CreateDepartment) -> Department:
    """Add a department."""
    rules.require_founder(caller())
    queries.lock_tree(db)
    rules.check_room(queries.count_departments(db))
    _check_references(db, request)
    now = clock.now()
    department = models.Department(id=new_id(), created_at=now, updated_at=now, **request.model_dump())
    db.add(department)
    _flush_department(db)
    return _department(department)


def update_department(db: Session, request: UpdateDepartment) -> Department:
    """Rename a department, move it, or give it a manager."""
    rules.require_admin(caller())
    queries.lock_tree(db)
    department, changes = queries.department(db, request.department_id), request.changes
    check_version(department, request.version)
    _check_references(db, changes)
    if changes.parent_id is not None:
        rules.check_parent(changes.parent_id, queries.department_and_below(db, department.id))
    if apply_changes(department, changes):
        department.updated_at = clock.now()
        _flush_department(db)
    return _department(department)


def _refuse_while_locked(db: Session, name: str) -> None:
    now = clock.now()
    until = rules.locked_until(queries.failures_since(db, name, now - rules.WINDOW), now)
    if until is not None:
        raise rules.locked(until, now)


def _token_for(db: Session, user: models.User, issuer: Issuer) -> AccessToken:
    departments = queries.departments_led_by(db, user.id) if rules.leads_departments(user.role) else []
    return issuer.token_for(user, departments)


def _check_references(db: Session, named: CreateDepartment | DepartmentChanges) -> None:
    if named.parent_id is not None:
        queries.department(db, named.parent_id)
    if named.manager_id is not None:
        queries.user(db, named.manager_id)


def _flush_department(db: Session) -> None:
    exists = Conflict("identity.department_exists", "There already is a department of this name in the same place.")
    _flush(db, "uq_departments_parent_id_name", exists)


def _flush(db: Session, unique: str, taken: Conflict) -> None:
    """Write now; the database alone can tell whether somebody else took the name at the same moment."""
    try:
        db.flush()
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) == unique:
            raise taken from None
        raise


def _announced(user: models.User) -> dict[str, Any]:
    names = ("name", "full_name", "role", "department_id", "language", "time_zone", "active")
    return {"user_id": user.id} | {name: getattr(user, name) for name in names}


def _user(user: models.User) -> User:
    return User.model_validate(user, from_attributes=True)


def _department(department: models.Department) -> Department:
    return Department.model_validate(department, from_attributes=True)
