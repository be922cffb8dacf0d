"""`./crm users …`: the people who work with the suite."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from contracts.identity.sessions import SetPassword
from contracts.identity.users import CreateUser, DeactivateUser, ListUsers, ReactivateUser, UpdateUser, UserChanges
from contracts.values import Role
from deploy.cli.connection import connected
from deploy.cli.directory import tree, user_named
from deploy.cli.output import AsJson, out, print_json
from deploy.cli.pages import every
from deploy.cli.passwords import new_password
from servicekit.rpc import call

app = typer.Typer(no_args_is_help=True, help="The people who work with the suite.")

Name = Annotated[str, typer.Argument(help="The login name, e.g. ada.")]
_PAGE = 200
_HASH_SECONDS = 10.0


@app.command()
def add(
    name: Name,
    full_name: Annotated[str | None, typer.Option(help="As colleagues read it; else the login name.")] = None,
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.REP,
    department: Annotated[str | None, typer.Option(help="Its name, or its path: Europe/Sales.")] = None,
    email: Annotated[str | None, typer.Option(help="Their address.")] = None,
    language: Annotated[str, typer.Option(help="en, zh or pl.")] = "en",
    time_zone: Annotated[str, typer.Option(help="An IANA name, e.g. Europe/Warsaw.")] = "UTC",
    as_json: AsJson = False,
) -> None:
    """Add a person. The password is asked for; without a terminal one is made, and printed this once.

    The first administrator: ./crm users add admin --role admin

    Example: ./crm users add ada --full-name "Ada Lovelace" --role manager --department Sales
    """
    password = new_password()
    fields = {"name": name, "full_name": full_name or name, "role": role, "password": password.text}
    person = CreateUser.model_validate({**fields, "email": email, "language": language, "time_zone": time_zone})
    with connected():
        if department is not None:
            person = person.model_copy(update={"department_id": tree().find(department).id})
        made = call(person, timeout=_HASH_SECONDS)
    if as_json:
        shown = {"password": password.text} if password.made else {}
        print_json(made.model_dump(mode="json") | shown)
    else:
        print(f"Added {made.name} as {made.role}.")
        password.show()


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List them by full name.

    Example: ./crm users list --json
    """
    with connected():
        people = list(every(lambda cursor: call(ListUsers(limit=_PAGE, cursor=cursor))))
        departments = tree()
    if as_json:
        print_json({"items": [person.model_dump(mode="json") for person in people]})
        return
    table = Table("login name", "full name", "role", "department", "e-mail")
    for person in people:
        cells = (person.name, person.full_name, person.role, departments.path(person.department_id), person.email or "")
        table.add_row(*(Text(cell, overflow="fold") for cell in cells), style="" if person.active else "dim strike")
    out.print(table if people else "There is nobody yet. Make an administrator: crm users add admin --role admin")


@app.command("role")
def change_role(name: Name, role: Annotated[Role, typer.Argument(help="What they may do from now on.")]) -> None:
    """Give somebody another role; it counts from their next token on.

    Example: ./crm users role ada manager
    """
    with connected():
        person = user_named(name)
        call(UpdateUser(user_id=person.id, version=person.version, changes=UserChanges(role=role)))
    print(f"{person.name} is {role} now.")


@app.command()
def deactivate(name: Name) -> None:
    """Let somebody who leaves sign in no more, and end their sessions.

    Example: ./crm users deactivate ada
    """
    with connected():
        person = call(DeactivateUser(user_id=user_named(name).id))
    print(f"{person.name} can't sign in any more.")


@app.command()
def reactivate(name: Name) -> None:
    """Let somebody sign in again.

    Example: ./crm users reactivate ada
    """
    with connected():
        person = call(ReactivateUser(user_id=user_named(name).id))
    print(f"{person.name} can sign in again.")


@app.command("password")
def set_password(name: Name) -> None:
    """Give somebody another password, asked for or made as in `add`, and end their sessions.

    Example: ./crm users password ada
    """
    password = new_password()
    with connected():
        call(SetPassword(user_id=user_named(name).id, password=password.text), timeout=_HASH_SECONDS)
    print(f"{name} has another password.")
    password.show()
