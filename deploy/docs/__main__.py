"""`python -m deploy.docs`: write the generated files of docs/ anew."""

import sys

from deploy.docs.pages import SCHEMAS, left_over, pages


def main() -> None:
    """Write what differs and say so."""
    SCHEMAS.mkdir(exist_ok=True)
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {path}\n")
    for path in left_over():
        path.unlink()
        sys.stdout.write(f"removed {path}\n")


if __name__ == "__main__":
    main()
