"""What `make run` says when the suite is up: where it is, how to sign in, and a first thing to try."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.local.commands import run
from deploy.local.errors import LaunchError
from deploy.local.probe import get_json
from deploy.local.suite import COMMAND_LINE, PROJECT, Suite

_TOKEN_LIMIT = 30.0


def greeting(suite: Suite) -> Iterator[str]:
    """The lines a person sees when everything is ready; the address at once, the last ones a moment later."""
    yield f"\nTideline is ready: {suite.gateway_url}"
    yield from _login(suite.folder)
    yield from _first_look(suite)
    yield f"Ctrl-C stops everything. The data stays in {suite.folder} and the next start continues with it.\n"


def _login(folder: Path) -> list[str]:
    password = folder / "admin-password"
    return [f"Sign in as admin with the password {password.read_text().strip()}"] if password.exists() else []


def _first_look(suite: Suite) -> list[str]:
    """A command for the 360 view of a customer that is really there; nothing where there is none yet."""
    customers = get_json(suite.gateway_url, "/v1/customers?limit=1", token=_admin_token(suite)).get("items", [])
    if not customers:
        return []
    view = f"{suite.gateway_url}/v1/customers/{customers[0]['id']}/360"
    return ["See a customer from all sides:", f'  curl -s -H "Authorization: Bearer $(./crm token admin)" {view}']


def _admin_token(suite: Suite) -> str:
    """Empty when the command line tool can't give one: the greeting is no reason to end a suite."""
    command = [sys.executable, "-m", "deploy.cli", "token", "admin"]
    environment = {**os.environ, **suite.settings_of(COMMAND_LINE)}
    try:
        return run(command, limit=_TOKEN_LIMIT, environment=environment, folder=PROJECT).stdout.strip()
    except LaunchError:
        return ""
