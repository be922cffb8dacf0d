"""How many processes of each kind run: the text of SCALE, read and checked."""

from collections.abc import Mapping

from deploy.local.errors import LaunchError

SERVICES = ("customer", "opportunity", "activity", "pool", "notify", "identity")
GATEWAY = "gateway"
_MOST = 32
_EXAMPLE = 'For example: SCALE="pool=2 gateway=2"'


def parse_scale(text: str) -> dict[str, int]:
    """`pool=2 gateway=2` as a mapping; anything else is refused by name."""
    return dict(_part(part) for part in text.replace(",", " ").split())


def replicas(services: tuple[str, ...], scale: Mapping[str, int]) -> dict[str, str]:
    """The process names of a suite and what each one runs: `pool`, `pool-2`, …, the gateway last."""
    return {
        kind if number == 1 else f"{kind}-{number}": kind
        for kind in (*services, GATEWAY)
        for number in range(1, scale.get(kind, 1) + 1)
    }


def _part(part: str) -> tuple[str, int]:
    name, _, count = part.partition("=")
    if name not in (*SERVICES, GATEWAY):
        raise LaunchError(f"SCALE: there is no {name!r}. Known: {', '.join((*SERVICES, GATEWAY))}. {_EXAMPLE}")
    if not (count.isascii() and count.isdigit() and 0 <= int(count) <= _MOST):
        raise LaunchError(f"SCALE: {part!r} needs a count from 0 to {_MOST}. {_EXAMPLE}")
    return name, int(count)
