"""The sample's files as the rows that the import takes, with what had to be put right on the way."""

import csv
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from contracts.customer.customers import Address
from contracts.customer.imports import CustomerRow
from contracts.opportunity.imports import OpportunityRow

FOLDER = Path(__file__).with_name("crm-sales-opportunities")
NEGLECTED_BEFORE = date(2017, 9, 1)
"""An account whose latest open engagement is older waits in the pool."""
_SPELLING = {"technolgy": "technology", "Philipines": "Philippines"}


@dataclass(frozen=True)
class Agent:
    """A salesperson: full name, team (its manager's full name) and regional office."""

    name: str
    manager: str
    office: str


@dataclass
class Sample:
    """All rows of the sample."""

    agents: list[Agent]
    products: list[dict[str, str]]
    customers: list[CustomerRow]
    opportunities: list[OpportunityRow]
    corrected: Counter[str] = field(default_factory=Counter)
    """Misspelt words that were put right, with how often."""


def read(folder: Path = FOLDER) -> Sample:
    """Read the four files."""
    corrected: Counter[str] = Counter()
    pipeline = _rows(folder / "sales_pipeline.csv")
    owners = _owners(pipeline)
    return Sample(
        agents=[
            Agent(row["sales_agent"], row["manager"], row["regional_office"])
            for row in _rows(folder / "sales_teams.csv")
        ],
        products=_rows(folder / "products.csv"),
        customers=[_customer(row, owners, corrected) for row in _rows(folder / "accounts.csv")],
        opportunities=[_opportunity(row) for row in pipeline],
        corrected=corrected,
    )


def login_name(full_name: str) -> str:
    """A login name from a full name: `João Vitor` becomes `joao.vitor`."""
    plain = unicodedata.normalize("NFKD", full_name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9-]+", ".", plain).strip(".")


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _owners(pipeline: list[dict[str, str]]) -> dict[str, str]:
    latest: dict[str, tuple[str, str]] = {}
    for row in pipeline:
        if row["deal_stage"] == "Engaging" and row["account"]:
            found = (row["engage_date"], row["sales_agent"])
            latest[row["account"]] = max(latest.get(row["account"], found), found)
    return {account: agent for account, (day, agent) in latest.items() if date.fromisoformat(day) >= NEGLECTED_BEFORE}


def _customer(row: dict[str, str], owners: dict[str, str], corrected: Counter[str]) -> CustomerRow:
    owner = owners.get(row["account"])
    return CustomerRow(
        name=row["account"],
        industry=_spelt(row["sector"], corrected),
        size=int(row["employees"]),
        founded_in=int(row["year_established"]),
        parent=row["subsidiary_of"] or None,
        addresses=[Address(label="office", country=_spelt(row["office_location"], corrected))],
        note=f"Revenue {Decimal(row['revenue']):,} million USD.",
        owner=login_name(owner) if owner else None,
    )


def _spelt(word: str, corrected: Counter[str]) -> str:
    right = _SPELLING.get(word)
    if right is None:
        return word
    corrected[f"{word} -> {right}"] += 1
    return right


def _opportunity(row: dict[str, str]) -> OpportunityRow:
    return OpportunityRow(
        external_id=row["opportunity_id"],
        customer=row["account"],
        owner=row["sales_agent"],
        product=row["product"],
        stage=row["deal_stage"],
        engaged_on=_day(row["engage_date"]),
        closed_on=_day(row["close_date"]),
        amount=Decimal(row["close_value"]) if row["close_value"] else None,
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
