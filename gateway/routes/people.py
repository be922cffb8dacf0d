"""Users and departments, and the audit log of what was done to them."""

from contracts.identity.departments import (
    CreateDepartment,
    Department,
    DepartmentList,
    GetDepartment,
    ListDepartments,
    UpdateDepartment,
)
from contracts.identity.sessions import AuditPage, EndedSessions, EndSessions, ListAuditEntries, SetPassword
from contracts.identity.users import (
    CreateUser,
    DeactivateUser,
    GetUser,
    ListUsers,
    ReactivateUser,
    UpdateUser,
    User,
    UserPage,
)
from gateway.routing import Api
from servicekit.rpc import call

api = Api("people")


@api.get("/v1/users")
def list_users(request: ListUsers) -> UserPage:
    """People by full name."""
    return call(request)


@api.post("/v1/users", status=201)
def create_user(request: CreateUser) -> User:
    """Add a person."""
    return call(request)


@api.get("/v1/users/{user_id}")
def get_user(request: GetUser) -> User:
    """One person."""
    return call(request)


@api.patch("/v1/users/{user_id}")
def update_user(request: UpdateUser) -> User:
    """Change a person."""
    return call(request)


@api.delete("/v1/users/{user_id}/sessions")
def end_sessions(request: EndSessions) -> EndedSessions:
    """Sign somebody out everywhere."""
    return call(request)


@api.post("/v1/users/{user_id}/passwords")
def set_password(request: SetPassword) -> EndedSessions:
    """Give somebody a password; their sessions end."""
    return call(request)


@api.post("/v1/users/{user_id}/deactivations")
def deactivate_user(request: DeactivateUser) -> User:
    """Let somebody who leaves sign in no more."""
    return call(request)


@api.post("/v1/users/{user_id}/reactivations")
def reactivate_user(request: ReactivateUser) -> User:
    """Let somebody sign in again."""
    return call(request)


@api.get("/v1/departments")
def list_departments(request: ListDepartments) -> DepartmentList:
    """The tree of departments."""
    return call(request)


@api.post("/v1/departments", status=201)
def create_department(request: CreateDepartment) -> Department:
    """Add a department."""
    return call(request)


@api.get("/v1/departments/{department_id}")
def get_department(request: GetDepartment) -> Department:
    """One department."""
    return call(request)


@api.patch("/v1/departments/{department_id}")
def update_department(request: UpdateDepartment) -> Department:
    """Rename or move a department, or give it a manager."""
    return call(request)


@api.get("/v1/audit")
def list_audit_entries(request: ListAuditEntries) -> AuditPage:
    """Who did what, the newest on top."""
    return call(request)
