"""How the command prints: tables for people, JSON for programs."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

out = Console()


def print_json(answer: Mapping[str, object]) -> None:
    """An answer for programs, on standard output alone."""
    print(json.dumps(answer, ensure_ascii=False))


def moment(time: datetime) -> str:
    """A time as people read it, to the second, in UTC."""
    return f"{time:%Y-%m-%d %H:%M:%S}"
