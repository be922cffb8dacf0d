"""`./crm keys …`: API keys, by which programs call."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table
from rich.text import Text

from contracts.errors import NotFound
from contracts.identity.api_keys import ApiKey, CreateApiKey, ListApiKeys, RevokeApiKey
from contracts.scopes import Scope
from deploy.cli.connection import connected
from deploy.cli.output import AsJson, out, print_json
from deploy.cli.pages import every
from servicekit import clock
from servicekit.rpc import call

app = typer.Typer(no_args_is_help=True, help="API keys, by which programs call the HTTP API.")

_PAGE = 200


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Which program it is for, e.g. telephony.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; again for each further scope.")],
    expires_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day (UTC) on which it works.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, this once. A scope that writes holds the one that reads.

    Example: ./crm keys add telephony --scope customer:read --scope activity:write --expires-on 2027-12-31
    """
    request = CreateApiKey(name=name, scopes=scope, expires_on=expires_on.date() if expires_on else None)
    with connected():
        made = call(request)
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        print(made.key)


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List them, the newest first; those that work no more are struck out.

    Example: ./crm keys list --json
    """
    with connected():
        keys = list(_all_keys())
    if as_json:
        print_json({"items": [key.model_dump(mode="json") for key in keys]})
    else:
        out.print(_table(keys) if keys else "There are no API keys.")


@app.command()
def revoke(key: Annotated[str, typer.Argument(help="Its name, or its id.")]) -> None:
    """End a key for good. Within 5 minutes it works nowhere any more.

    Example: ./crm keys revoke telephony
    """
    with connected():
        revoked = call(RevokeApiKey(key_id=_meant(key)))
    print(f"Revoked {revoked.name}.")


def _meant(written: str) -> UUID:
    for key in _all_keys():
        if str(key.id) == written or (key.name == written and key.revoked_at is None):
            return key.id
    raise NotFound("api_key.not_found", f"There is no API key {written}. See: crm keys list")


def _all_keys() -> Iterator[ApiKey]:
    return every(lambda cursor: call(ListApiKeys(limit=_PAGE, cursor=cursor)))


def _table(keys: list[ApiKey]) -> Table:
    table = Table("name", "scopes", "made by", "made on", "last used", "until", "id")
    for key in keys:
        until = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else str(key.expires_on or "")
        facts = (key.name, " ".join(key.scopes), key.created_by, f"{key.created_at:%Y-%m-%d}")
        cells = (*facts, str(key.last_used_on or "never"), until, str(key.id))
        table.add_row(*(Text(cell, overflow="fold") for cell in cells), style="dim strike" if _is_over(key) else "")
    return table


def _is_over(key: ApiKey) -> bool:
    return key.revoked_at is not None or (key.expires_on is not None and key.expires_on < clock.now().date())
