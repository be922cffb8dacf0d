"""What the contracts' docstrings say: a class's text, the errors it names, and the text under each field."""

import ast
import inspect
import re
import sys
from functools import cache
from typing import NamedTuple

from pydantic import BaseModel

from contracts.errors import KINDS

_OURS = ("contracts.", "gateway.")
_KIND = "|".join(KINDS)
_CODE = r"([a-z_]+\.[a-z_]+)(?: \(([^()]*)\))?"
_ERRORS = re.compile(rf"\b({_KIND}): ({_CODE}(?:, {_CODE})*)\. ?")
"""E.g. `Conflict: pool.full (of 200), pool.shut.`"""


class NamedError(NamedTuple):
    """One error that a docstring names."""

    kind: str
    code: str
    remark: str


def text_of(cls: type) -> str:
    """What a class's docstring says beside the errors it names; paragraphs stand apart."""
    texts = [_ERRORS.sub("", paragraph).strip() for paragraph in _paragraphs(cls)]
    if unread := re.search(rf"\b({_KIND}): .*", "\n".join(texts)):
        raise ValueError(
            f"{cls.__name__}'s docstring says '{unread[0]}'. After a kind of error come its codes as `area.word`, "
            "separated by commas, each with an optional remark in (…), and then a full stop."
        )
    return "\n\n".join(text for text in texts if text)


def errors_of(cls: type) -> list[NamedError]:
    """The errors that a docstring names."""
    named = [found for paragraph in _paragraphs(cls) for found in _ERRORS.finditer(paragraph)]
    return [NamedError(found[1], *each) for found in named for each in re.findall(_CODE, found[2])]


def field_texts(model: type[BaseModel]) -> dict[str, str]:
    """The docstrings under a model's fields, inherited ones included."""
    texts: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if cls.__module__.startswith(_OURS):
            texts |= _texts_in(cls.__module__).get(cls.__name__, {})
    return texts


def _paragraphs(cls: type) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in (cls.__doc__ or "").split("\n\n")]


@cache
def _texts_in(module: str) -> dict[str, dict[str, str]]:
    """Per class of a module, the string that stands under each annotated field."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: _texts_under(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _texts_under(node: ast.ClassDef) -> dict[str, str]:
    texts = {}
    for field, after in zip(node.body, node.body[1:], strict=False):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                texts[name] = " ".join(text.split())
    return texts
