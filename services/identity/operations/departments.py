"""The tree of departments, added to and changed."""

from sqlalchemy.orm import Session

from contracts.errors import Conflict
from contracts.identity.departments import (
    CreateDepartment,
    Department,
    DepartmentChanges,
    DepartmentList,
    DescribedManagers,
    DescribeManagers,
    GetDepartment,
    PersonManager,
    UpdateDepartment,
)
from servicekit import clock
from servicekit.context import caller
from servicekit.database import flush_unique, new_id
from servicekit.records import apply_changes, check_version
from services.identity import models, queries, rules
from services.identity.operations import auditing


def list_departments(db: Session) -> DepartmentList:
    """The whole tree."""
    rules.require_reader(caller())
    return DepartmentList(items=[_department(department) for department in queries.departments(db)])


def get_department(db: Session, request: GetDepartment) -> Department:
    """One department."""
    rules.require_reader(caller())
    return _department(queries.department(db, request.department_id))


def describe_managers(db: Session, request: DescribeManagers) -> DescribedManagers:
    """Who answers for people, for the other services."""
    rules.require_process(caller())
    people = queries.described_users(db, request.user_ids, [])
    tree = {each.id: (each.parent_id, each.manager_id) for each in queries.departments(db)} if people else {}
    items = [
        PersonManager(user_id=each.id, manager_id=rules.manager_of(each.id, each.department_id, tree))
        for each in people
    ]
    return DescribedManagers(items=items)


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
    auditing.record(db, "department.created", target=department.id)
    return _department(department)


def update_department(db: Session, request: UpdateDepartment) -> Department:
    """Rename a department, move it, or give it a manager."""
    rules.require_founder(caller())
    queries.lock_tree(db)
    department, changes = queries.department(db, request.department_id), request.changes
    check_version(department, request.version)
    _check_references(db, changes)
    if changes.parent_id is not None:
        rules.check_parent(changes.parent_id, queries.department_and_below(db, department.id))
    if changed := list(apply_changes(department, changes)):
        department.updated_at = clock.now()
        _flush_department(db)
        auditing.record(db, "department.updated", target=department.id, details={"changed": changed})
    return _department(department)


def _check_references(db: Session, named: CreateDepartment | DepartmentChanges) -> None:
    if named.parent_id is not None:
        queries.department(db, named.parent_id)
    if named.manager_id is not None:
        queries.user(db, named.manager_id)


def _flush_department(db: Session) -> None:
    exists = Conflict("identity.department_exists", "There already is a department of this name in the same place.")
    flush_unique(db, "uq_departments_parent_id_name", exists)


def _department(department: models.Department) -> Department:
    return Department.model_validate(department, from_attributes=True)
