"""Wait at start for the broker and the database, with a limit and with words."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import eventlet
import psycopg2

from servicekit import amqp
from servicekit.logging import get_logger
from servicekit.settings import Settings

log = get_logger(__name__)

_BETWEEN_SECONDS = 0.25


def wait_for_broker(settings: Settings) -> None:
    """Return when the broker takes connections; end the process when it does not in CRM_START_WAIT_SECONDS."""

    def probe() -> None:
        amqp.connect(settings.amqp_url).close()

    _wait("the broker (CRM_AMQP_URL)", probe, settings.start_wait_seconds)


def wait_for_database(settings: Settings) -> None:
    """The same for the database server; any of its databases will do."""
    url = urlunsplit(urlsplit(settings.database_url)._replace(path="/postgres"))

    def probe() -> None:
        psycopg2.connect(url, connect_timeout=max(1, round(settings.connect_timeout_seconds))).close()

    _wait("the database (CRM_DATABASE_URL)", probe, settings.start_wait_seconds)


def _wait(what: str, probe: Callable[[], None], seconds: float) -> None:
    until = time.monotonic() + seconds
    told = False
    while True:
        try:
            probe()
        except (*amqp.LOST, OSError, psycopg2.OperationalError, eventlet.Timeout) as error:
            if time.monotonic() > until:
                raise SystemExit(f"Gave up after {seconds:.0f} s: {what} can't be reached: {error}") from None
            if not told:
                log.info("waiting", target=what, error=str(error))
                told = True
            eventlet.sleep(_BETWEEN_SECONDS)
        else:
            return
