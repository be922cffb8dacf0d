"""Make the keys of a suite: `python -m servicekit.keys DIR NAME…` writes NAME.pem for each and trusted.json for all."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import OKPAlgorithm

TRUSTED = "trusted.json"


def make_keys(folder: Path, names: list[str]) -> None:
    """Make what is missing; a key that is there stays as it is. Private keys are readable by their owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in names:
        file = folder / f"{name}.pem"
        if not file.exists():
            key = Ed25519PrivateKey.generate()
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            _write(file, pem)
    public = [_public(file) for file in sorted(folder.glob("*.pem"))]
    _write(folder / TRUSTED, json.dumps({"keys": public}, indent=1).encode())


def _public(file: Path) -> dict[str, Any]:
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{file.name} is not an Ed25519 key")
    return {**OKPAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": file.stem, "use": "sig"}


def _write(file: Path, content: bytes) -> None:
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    fresh.rename(file)


if __name__ == "__main__":
    make_keys(Path(sys.argv[1]), sys.argv[2:])
