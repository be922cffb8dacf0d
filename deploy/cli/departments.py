"""`./crm departments …`: the tree that the company is."""

from typing import Annotated
from uuid import UUID

import typer
from rich.markup import escape
from rich.tree import Tree as Drawing

from contracts.identity.departments import CreateDepartment, DepartmentChanges, UpdateDepartment
from contracts.identity.users import DescribeUsers, User
from deploy.cli.connection import connected
from deploy.cli.directory import Tree, tree, user_named
from deploy.cli.output import AsJson, out, print_json
from servicekit.rpc import call

app = typer.Typer(no_args_is_help=True, help="The company's departments and who leads them.")

Department = Annotated[str, typer.Argument(help="Its name, or its path where several have the name: Europe/Sales.")]
_ASKED_AT_ONCE = 500


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """Draw the tree, with the manager of each.

    Example: ./crm departments list
    """
    with connected():
        found = tree()
        leaders = _leaders(found)
    if as_json:
        print_json({"items": [each.model_dump(mode="json") for each in found.departments]})
        return
    drawing = Drawing("departments" if found.departments else "There are no departments yet.")
    _draw(drawing, found, leaders, parent=None)
    out.print(drawing)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    parent: Annotated[str | None, typer.Option(help="The department that it belongs to.")] = None,
    manager: Annotated[str | None, typer.Option(help="The login name of who leads it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a department.

    Example: ./crm departments add Sales --parent Europe --manager ada
    """
    with connected():
        parent_id = None if parent is None else tree().find(parent).id
        manager_id = None if manager is None else user_named(manager).id
        made = call(CreateDepartment(name=name, parent_id=parent_id, manager_id=manager_id))
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        print(f"Added {made.name}.")


@app.command("manager")
def change_manager(
    department: Department, name: Annotated[str, typer.Argument(help="The login name of who leads it from now on.")]
) -> None:
    """Say who leads a department and all below it; it counts from their next token on.

    Example: ./crm departments manager Europe/Sales ada
    """
    with connected():
        led, leader = tree().find(department), user_named(name)
        changes = DepartmentChanges(manager_id=leader.id)
        call(UpdateDepartment(department_id=led.id, version=led.version, changes=changes))
    print(f"{leader.full_name} leads {led.name} now.")


def _leaders(found: Tree) -> dict[UUID | None, User]:
    ids = sorted({each.manager_id for each in found.departments if each.manager_id is not None})
    parts = [ids[start : start + _ASKED_AT_ONCE] for start in range(0, len(ids), _ASKED_AT_ONCE)]
    return {user.id: user for part in parts for user in call(DescribeUsers(user_ids=part)).items}


def _draw(drawing: Drawing, found: Tree, leaders: dict[UUID | None, User], *, parent: UUID | None) -> None:
    for each in found.below(parent):
        leader = leaders.get(each.manager_id)
        label = escape(each.name) + (f" [dim]{escape(leader.full_name)}[/]" if leader else "")
        _draw(drawing.add(label), found, leaders, parent=each.id)
