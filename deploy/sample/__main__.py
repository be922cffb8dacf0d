"""`python -m deploy.sample`: make the first administrator and load the sample company into the running suite."""

# The standard library must be patched before anything else is imported.
# ruff: noqa: I001
import servicekit.patched  # noqa: F401

import json
import os
import secrets
import sys
from pathlib import Path

from contracts.errors import CallError, Conflict
from contracts.identity.sessions import IssueToken
from contracts.identity.users import CreateUser
from contracts.values import Role
from deploy.cli.connection import NotRunning, connected, data_folder
from deploy.sample.load import Loader
from deploy.sample.source import read
from servicekit.rpc import call
from tideline_client import Client

ADMIN = "admin"


def main() -> int:
    """Load everything; the exit code says whether all of it went in."""
    try:
        with connected():
            _make_admin(data_folder() / "admin-password")
            with Client(os.environ["CRM_URL"], token=lambda: call(IssueToken(name=ADMIN)).access_token) as client:
                loader = Loader(client, _tell)
                loader.load(read())
    except (NotRunning, CallError) as error:
        _tell(str(error))
        return 1
    (data_folder() / "sample-report.json").write_text(json.dumps(loader.report, indent=1))
    _tell_report(loader)
    return 0


def _make_admin(password_file: Path) -> None:
    password = secrets.token_urlsafe(12)
    try:
        call(CreateUser(name=ADMIN, full_name="Administrator", role=Role.ADMIN, password=password))
    except Conflict:
        return  # there is one already, with the password of its first day
    with os.fdopen(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(password + "\n")


def _tell_report(loader: Loader) -> None:
    for what, facts in loader.report.items():
        for kind, count in facts.items():
            if count:
                _tell(f"{what}: {kind}: {count}")


def _tell(text: str) -> None:
    sys.stdout.write(f"    {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
