"""Passwords that the command gives to people: asked for on a terminal, else made, and then shown once."""

import secrets
import sys
from dataclasses import dataclass

import typer

_BYTES = 15
"""Makes 20 characters."""


@dataclass(frozen=True)
class NewPassword:
    """A password for somebody, and whether they are still to hear it."""

    text: str
    made: bool

    def show(self) -> None:
        """Print it where nobody has typed it."""
        if self.made:
            print(f"Password, shown this once: {self.text}")


def new_password() -> NewPassword:
    """What somebody types twice, unseen; without a terminal, or when they just press Enter, a random one."""
    typed = ""
    if sys.stdin.isatty():
        question = "Password (at least 10 characters; Enter makes one)"
        typed = typer.prompt(question, default="", show_default=False, hide_input=True, confirmation_prompt=True)
    return NewPassword(typed or secrets.token_urlsafe(_BYTES), made=not typed)
