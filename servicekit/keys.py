"""Make, change and drop the keys of a suite; docs/operations.md says when each is due.

python -m servicekit.keys DIR NAME…              writes NAME.pem where it is missing, and trusted.json for all
python -m servicekit.keys DIR --rotate NAME      trusts a new key beside the old one, then puts it into NAME.pem
python -m servicekit.keys DIR --drop-old NAME    trusts only the key in NAME.pem
"""

import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import OKPAlgorithm

from servicekit.tokens import key_id_of, private_key_in

TRUSTED = "trusted.json"


def make_keys(folder: Path, names: list[str]) -> None:
    """Make what is missing; a key that is there stays as it is. Private keys are readable by their owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in names:
        if not _file(folder, name).exists():
            _keep(folder, name, Ed25519PrivateKey.generate())
    processes = {file.stem for file in folder.glob("*.pem")}
    _trust(folder, [key for key in _trusted(folder) if _process_of(key) in processes] + _in_use(folder))


def rotate(folder: Path, name: str) -> None:
    """Change the key of a process, which takes it at its next start; the one before is trusted until drop_old()."""
    private_key_in(_file(folder, name))  # there must be one, and it must be one of ours
    key = Ed25519PrivateKey.generate()
    _trust(folder, [*_trusted(folder), _public(name, key)])
    _keep(folder, name, key)


def drop_old(folder: Path, name: str) -> None:
    """Trust no key of this process but the one that it has now."""
    key = private_key_in(_file(folder, name))
    _trust(folder, [each for each in _trusted(folder) if _process_of(each) != name] + [_public(name, key)])


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.pem"


def _keep(folder: Path, name: str, key: Ed25519PrivateKey) -> None:
    _write(_file(folder, name), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _in_use(folder: Path) -> list[dict[str, Any]]:
    return [_public(file.stem, private_key_in(file)) for file in sorted(folder.glob("*.pem"))]


def _public(name: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    return {**OKPAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": key_id_of(name, key), "use": "sig"}


def _trusted(folder: Path) -> list[dict[str, Any]]:
    file = folder / TRUSTED
    keys: list[dict[str, Any]] = json.loads(file.read_text())["keys"] if file.exists() else []
    return keys


def _process_of(key: dict[str, Any]) -> str:
    return str(key["kid"]).partition(":")[0]


def _trust(folder: Path, keys: list[dict[str, Any]]) -> None:
    each_once = {key["kid"]: key for key in keys}
    _write(folder / TRUSTED, json.dumps({"keys": list(each_once.values())}, indent=1).encode())


def _write(file: Path, content: bytes) -> None:
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    fresh.rename(file)


def main() -> None:
    """Do what the command line says."""
    parser = ArgumentParser(prog="python -m servicekit.keys", description="Make, change and drop the keys of a suite.")
    parser.add_argument("folder", type=Path, metavar="DIR")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("names", nargs="*", default=[], metavar="NAME", help="processes that need a key")
    what.add_argument("--rotate", metavar="NAME", help="give this process a new key, beside the old one")
    what.add_argument("--drop-old", metavar="NAME", help="trust only the newest key of this process")
    asked = parser.parse_args()
    try:
        if asked.rotate:
            rotate(asked.folder, asked.rotate)
        elif asked.drop_old:
            drop_old(asked.folder, asked.drop_old)
        else:
            make_keys(asked.folder, asked.names)
    except (FileNotFoundError, ValueError) as error:
        sys.exit(f"{error}. The keys are made by: python -m servicekit.keys DIR NAME…")


if __name__ == "__main__":
    main()
