"""Who may look after the suite, and who may ask for what only its own processes need."""

from contracts.errors import NotPermitted
from contracts.values import Role
from servicekit.context import caller

_COMMAND_LINE = "cli"
"""The name in the key of the `crm` command."""


def require_operator() -> None:
    """Let administrators and the command line pass. NotPermitted: operations.operators_only."""
    person = caller()
    if person.role != Role.ADMIN and (person.kind, person.id) != ("system", _COMMAND_LINE):
        raise NotPermitted("operations.operators_only", "This is for administrators and the crm command.")


def require_process() -> None:
    """Let the suite's own processes pass. NotPermitted: auth.services_only."""
    if caller().kind != "system":
        raise NotPermitted("auth.services_only", "This is for the suite's own services.")
