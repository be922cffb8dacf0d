"""Webhooks as Standard Webhooks has them: signed, timed, without redirects, and never into a private network.

The address is looked up once, checked, and that very address is connected to: a name that answers differently the
second time gains nothing.
"""

import base64
import hashlib
import hmac
import http.client
import io
import ipaddress
import secrets
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import eventlet
from eventlet import tpool

_PREFIX = "whsec_"
_SECRET_BYTES = 32
_SECONDS = 10.0
_ANSWER_BYTES = 4_096
_HEARD_BYTES = 65_536
"""Of an answer with all that comes before it. Who talks on and on, faster than we read, never lets a time-out fire."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_INTERNET = (ipaddress.IPv6Network("2000::/3"), ipaddress.IPv6Network("::ffff:0:0/96"), _NAT64)
"""Where the public internet is in IPv6. Kinds of local addresses that are no longer in use count as global too."""
_CLOUDS_OWN = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("168.63.129.16/32"))
"""Public by their numbers, but a cloud's own metadata and agents answer there."""
_PORTS = {"http": 80, "https": 443}


class ForbiddenAddress(Exception):
    """The address is not one of the public internet."""


class _Heard(io.RawIOBase):
    """What a receiver says, up to a bound."""

    def __init__(self, said: Any) -> None:
        self._said = said
        self._left = _HEARD_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._left <= 0:
            raise http.client.HTTPException(f"the answer goes on beyond {_HEARD_BYTES:,} bytes")
        heard: int = self._said.readinto1(buffer)
        self._left -= heard
        return heard

    def close(self) -> None:
        super().close()
        self._said.close()


class _Response(http.client.HTTPResponse):
    """An answer of which no more is read than is worth it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fp = io.BufferedReader(_Heard(self.fp))


class AddressRule(Protocol):
    """Whether an address may be connected to."""

    def __call__(self, address: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt: the receiver's status and the beginning of its answer, or why there is none."""

    status: int | None
    text: str


def new_secret() -> str:
    """A fresh signing secret."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signature(signing_secrets: Sequence[str], webhook_id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` header: one signature per valid secret, so that a rotation can overlap."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return " ".join(
        "v1," + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()
        for secret in signing_secrets
    )


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and so does an IPv4 address that it wraps."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return all(_is_public(each) for each in (found, *_wrapped(found)))


def _is_public(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(found, ipaddress.IPv4Address):
        placed = not any(found in network for network in _CLOUDS_OWN)
    else:
        placed = any(found in network for network in _INTERNET)
    return placed and found.is_global and not found.is_multicast


def _wrapped(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Sequence[ipaddress.IPv4Address]:
    if isinstance(found, ipaddress.IPv4Address):
        return ()
    inner = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
    if found in _NAT64:
        inner.append(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
    return [each for each in inner if each is not None]


def send(
    url: str, *, body: bytes, webhook_id: str, timestamp: int, signing_secrets: Sequence[str], allowed: AddressRule
) -> Answer:
    """Post an event once. Never raises for what the receiver does or fails to do; takes at most 10 seconds."""
    headers = {
        "Content-Type": "application/cloudevents+json",
        "User-Agent": "Tideline-Webhooks/1",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(signing_secrets, webhook_id, timestamp, body),
    }
    try:
        with eventlet.Timeout(_SECONDS, TimeoutError(f"no answer in {_SECONDS:.0f} s")):
            return _post(url, body, headers, allowed)
    except (OSError, http.client.HTTPException, ForbiddenAddress, ValueError) as error:
        return Answer(None, f"{type(error).__name__}: {error}"[:_ANSWER_BYTES])


def _post(url: str, body: bytes, headers: dict[str, str], allowed: AddressRule) -> Answer:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    connection = http.client.HTTPConnection(host, port, timeout=_SECONDS)
    connection.response_class = _Response
    connection.sock = _connect(host, port, allowed)
    try:
        if parts.scheme == "https":
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {**headers, "Host": parts.netloc})
        response = connection.getresponse()
        text = response.read(_ANSWER_BYTES).decode("utf-8", "replace").replace("\x00", "")
        return Answer(response.status, text)
    finally:
        connection.close()


def _connect(host: str, port: int, allowed: AddressRule) -> socket.socket:
    found = tpool.execute(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]) for info in found]
    if not addresses or not all(allowed(address) for address in addresses):
        raise ForbiddenAddress(f"{host} is not an address of the public internet")
    return socket.create_connection((addresses[0], port), timeout=_SECONDS)


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(_PREFIX))
