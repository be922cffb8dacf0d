"""Secrets that a data folder keeps: made on first use, readable by their owner alone."""

import os
import secrets
from pathlib import Path


def kept_secret(path: Path, *, mode: int = 0o600) -> str:
    """The secret in this file."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(secrets.token_hex(16))
        fresh.rename(path)
    return path.read_text()
