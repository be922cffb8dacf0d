"""/docs/errors: where each error's `type` leads, with one line per code."""

from html import escape
from typing import Any

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Errors of the Tideline API</title>
<style>
body {{ font: 1rem/1.5 system-ui; margin: 2rem }}
td, th {{ text-align: left; padding: .2rem 1rem .2rem 0 }}
:target {{ background: #fe9 }}
</style>
<h1>Errors</h1>
<p>Each error is told by its <code>code</code>; which route may answer with which is on <a href="/docs/">the page of the
API</a>.</p>
<table><tr><th>code<th>status<th>means</tr>{rows}</table></html>
"""


def page(document: dict[str, Any]) -> str:
    """The page for the errors that an OpenAPI document has examples of."""
    errors = sorted(document["components"]["examples"].items())
    return _PAGE.format(rows="".join(_row(code, example["value"]) for code, example in errors))


def _row(code: str, problem: dict[str, Any]) -> str:
    cells = (f"<code>{escape(code)}</code>", str(problem["status"]), escape(problem["detail"]))
    return f'<tr id="{escape(code)}">' + "".join(f"<td>{cell}" for cell in cells) + "</tr>\n"
