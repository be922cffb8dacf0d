"""`python -m gateway.run` serves the gateway: Flask and the RPC line in one event loop, drained on SIGTERM."""

# The standard library must be patched before anything else is imported.
# ruff: noqa: I001
import servicekit.patched  # noqa: F401

import os
from typing import Any

import eventlet
from eventlet.event import Event

from gateway import auth
from gateway.app import create_app
from gateway.serving import Bounds, HttpServer
from gateway.settings import GatewaySettings
from gateway.stream import Streams
from servicekit import clock, logging, rpc, tracing
from servicekit.rpc.line import Line
from servicekit.run import end_on_signals, stop_on_signals
from servicekit.settings import Settings, load
from servicekit.telemetry import Telemetry
from servicekit.tokens import Signer, Verifier
from servicekit.waiting import wait_for_broker

log = logging.get_logger(__name__)

_SHARE_OF_GRACE = 0.9
"""The rest is for hanging up, before the kernel ends the process."""


def main() -> None:
    """Serve until a signal comes; ends the process."""
    settings, own = load(Settings), load(GatewaySettings)
    logging.configure("gateway", settings.log_level)
    if settings.test_clock:
        clock.share(settings.test_clock_file)
    end_on_signals()
    line, verifier = _connect(settings)
    tracing.start("gateway", settings)
    telemetry = None
    if settings.telemetry_port is not None:
        telemetry = Telemetry(settings.host, settings.telemetry_port, {"broker": lambda: line.is_open})
    callers = auth.Callers(verifier)
    streams = Streams(callers)
    listener = _listen(settings.host, own.port)
    app = create_app(own, callers, streams)
    server = HttpServer(listener, app, _bounds(own))
    server.start()
    log.info("gateway started", port=own.port, settings=settings.public())
    stop = Event()
    stop_on_signals(stop, settings.grace_seconds)
    stop.wait()
    streams.close()
    server.stop(settings.grace_seconds * _SHARE_OF_GRACE)
    line.close()
    if telemetry:
        telemetry.stop()
    log.info("gateway stopped")
    os._exit(0)


def _bounds(own: GatewaySettings) -> Bounds:
    return Bounds(
        connections=own.connections,
        per_address=None if own.trusted_proxies else own.connections_per_address,
        idle_seconds=own.idle_seconds,
        body_seconds=own.request_seconds,
    )


def _connect(settings: Settings) -> tuple[Line, Verifier]:
    """The process's line to the services, and what checks its callers."""
    if settings.trusted_keys_file is None or settings.signing_key_file is None:
        raise SystemExit("CRM_TRUSTED_KEYS_FILE and CRM_SIGNING_KEY_FILE: name the files with the keys")
    verifier = Verifier(settings.trusted_keys_file)
    verifier.load()
    wait_for_broker(settings)
    line = Line(settings, "gateway")
    line.start()
    if not line.wait_open(settings.start_wait_seconds):
        raise SystemExit("The broker does not take the gateway in; see the log.")
    rpc.use(line, Signer(settings.signing_key_file).system_token)
    return line, verifier


def _listen(host: str, port: int) -> Any:
    """A listening socket; several gateways of a machine share the port, and the kernel spreads connections."""
    try:
        return eventlet.listen((host, port), reuse_port=True, backlog=1024)
    except OSError as error:
        raise SystemExit(f"CRM_PORT: can't listen on {host}:{port}: {error}") from None


if __name__ == "__main__":
    main()
