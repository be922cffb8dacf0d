"""`./crm pool …`: what reclaim rules would take back, and a round of the sweep by hand."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from contracts.errors import NotFound
from contracts.pool.pools import ListPools
from contracts.pool.rules import PreviewReclaim, Reclaim, SweepHoldings
from deploy.cli.connection import connected
from deploy.cli.output import AsJson, moment, out, print_json
from servicekit.rpc import call

app = typer.Typer(no_args_is_help=True, help="What pools take back from their owners.")

_SECONDS = 30.0
_DEFAULT = "the default pool"


@app.command()
def preview(
    name: Annotated[str, typer.Argument(help="The pool whose rules take back; absent, the default pool.")] = "",
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day; in 30 days.")] = None,
    as_json: AsJson = False,
) -> None:
    """List who would be taken back by a day if nothing happened until then, and why. Nothing is changed.

    Example: ./crm pool preview "Open customers" --until 2026-12-31
    """
    with connected():
        found = list(_previewed(_pool_named(name), until))
    if as_json:
        print_json({"items": [each.model_dump(mode="json") for each in found]})
        return
    table = Table("after", "customer", "owner", "to", "why")
    for each in sorted(found, key=lambda one: one.reclaim_at):
        row = moment(each.reclaim_at), each.customer.name, each.owner.name, each.pool.name, each.reasoning["en"]
        table.add_row(*row)
    out.print(table if found else "Nobody would be taken back.")


@app.command()
def sweep(as_json: AsJson = False) -> None:
    """Warn of and take back all that is due now. The pool service does it by itself; this doesn't wait for it.

    Example: ./crm pool sweep
    """
    looked_at = warned = reclaimed = 0
    with connected():
        more = True
        while more:
            done = call(SweepHoldings(), timeout=_SECONDS)
            looked_at, warned = looked_at + done.looked_at, warned + done.warned
            reclaimed, more = reclaimed + done.reclaimed, done.more
    if as_json:
        print_json({"looked_at": looked_at, "warned": warned, "reclaimed": reclaimed})
    else:
        print(f"Looked at {looked_at}, warned of {warned}, took back {reclaimed}.")


def _pool_named(name: str) -> UUID:
    pools = call(ListPools()).items
    wanted = [pool for pool in pools if (pool.name.lower() == name.lower() if name else pool.default)]
    if not wanted:
        raise NotFound("pool.not_found", f"There is no pool {name or _DEFAULT}.")
    return wanted[0].id


def _previewed(pool_id: UUID, until: datetime | None) -> list[Reclaim]:
    found: list[Reclaim] = []
    cursor = None
    while True:
        asked = PreviewReclaim(pool_id=pool_id, until=until and until.date(), limit=200, cursor=cursor)
        page = call(asked, timeout=_SECONDS)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found
