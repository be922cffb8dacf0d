"""Run every benchmark, one after the other."""

import subprocess
import sys
from pathlib import Path

_NO_BENCHMARK = {"__init__", "__main__", "crowd", "measure", "names"}


def main() -> int:
    """The names are the modules of this folder whose names don't say that they are parts of another one."""
    names = sorted(file.stem for file in Path(__file__).parent.glob("*.py"))
    codes = [
        subprocess.call([sys.executable, "-m", f"bench.{name}"])
        for name in names
        if name not in _NO_BENCHMARK and not name.endswith("_peers")
    ]
    return max(codes, default=0)


if __name__ == "__main__":
    sys.exit(main())
