"""The snapshots of every message's shape: `python -m tests.contract.record` writes what is new or has grown."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from deploy.docs import catalogue
from tests.contract.growth import Schema, breaks, schema_now

FOLDER = Path(__file__).parent / "snapshots"
COMMAND = ".venv/bin/python -m tests.contract.record"
REMEDY = (
    "A contract grows only by optional fields: declare a `.v2` event or another request beside this one. "
    "If nobody has used the message yet, delete its file under tests/contract/snapshots and run "
    f"`{COMMAND}`."
)


def messages() -> dict[Path, type[BaseModel]]:
    """Every request, reply and event, by the file that its shape is recorded in."""
    requests, events = catalogue.requests(), catalogue.events()
    models: list[type[BaseModel]] = [*requests, *(request.reply_type for request in requests), *events]
    return {FOLDER / model.__module__.split(".")[1] / f"{model.__name__}.json": model for model in models}


def recorded() -> dict[Path, Schema]:
    """The recorded shapes."""
    return {path: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*/*.json")}


def broken(before: Mapping[Path, Schema]) -> list[str]:
    """What became of recorded messages that must not, one sentence each."""
    now = messages()
    gone = [f"{path.stem} is gone, but others still send or read it." for path in sorted(before.keys() - now.keys())]
    changed = [
        sentence
        for path in sorted(before.keys() & now.keys())
        for sentence in breaks(path.stem, before[path], schema_now(now[path]))
    ]
    return list(dict.fromkeys(gone + changed))  # a value is part of several messages


def unrecorded(before: Mapping[Path, Schema]) -> dict[Path, Schema]:
    """The shapes of messages that are new or have grown since they were recorded."""
    now = {path: schema_now(model) for path, model in messages().items()}
    return {path: schema for path, schema in now.items() if path not in before or _grew(path, before[path], schema)}


def main() -> None:
    """Record what is new or has grown; refuse when something broke."""
    before = recorded()
    if sentences := broken(before):
        sys.exit("\n".join([*sentences, REMEDY]))
    for path, shape in unrecorded(before).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(shape, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        sys.stdout.write(f"recorded {path.stem}\n")


def _grew(path: Path, before: Schema, now: Schema) -> bool:
    return before != now and not breaks(path.stem, before, now)


if __name__ == "__main__":
    main()
