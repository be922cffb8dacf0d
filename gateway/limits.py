"""How often a caller may ask: so many requests a minute of each gateway process, told in RateLimit headers."""

import math
import time

from flask import Flask, Response, g
from flask import request as http
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from gateway import errors
from servicekit import context

_PROBES = {"healthz", "readyz", "metrics"}
"""Who looks after the suite asks these, at a pace of its own."""
_CALLERS_AT_MOST = 5_000
"""Counted at once; then all begin anew, which is no harm worth more memory."""


class Limits:
    """Counts the requests of each caller: a user or an API key, or the client's address where nobody is signed in."""

    def __init__(self, per_minute: int) -> None:
        self._allowed = RateLimitItemPerMinute(per_minute)
        self._counts = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._counts)

    def mount(self, app: Flask) -> None:
        """Count every request, and refuse those beyond the limit. Mounted after who calls is known."""
        app.before_request(self._count)
        app.after_request(self._tell)

    def _count(self) -> Response | None:
        return None if http.endpoint in _PROBES or self._hit() else _refusal()

    def _tell(self, response: Response) -> Response:
        """Say what is left. A request that was refused before it was counted, for its token, counts for the address."""
        if http.endpoint in _PROBES:
            return response
        if "limited_as" not in g and not self._hit():
            response = _refusal()
        now = time.time()
        window = self._limiter.get_window_stats(self._allowed, g.limited_as)
        seconds = max(0, math.ceil(window.reset_time - now))
        response.headers["RateLimit-Policy"] = f'"default";q={self._allowed.amount};w=60'
        response.headers["RateLimit"] = f'"default";r={window.remaining};t={seconds}'
        if response.status_code == 429 and "Retry-After" not in response.headers:
            response.headers["Retry-After"] = str(max(1, seconds))
        return response

    def _hit(self) -> bool:
        if len(self._counts.storage) >= _CALLERS_AT_MOST:
            self._counts.reset()
        caller = context.current().caller
        g.limited_as = f"{caller.kind}:{caller.id}" if caller else f"address:{http.remote_addr}"
        return self._limiter.hit(self._allowed, g.limited_as)


def _refusal() -> Response:
    return errors.problem(429, "limit.reached", "You asked too often; wait and ask less often then.")
