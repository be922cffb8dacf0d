"""Short HTTP questions to the processes of a suite on this machine."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

_ANSWER_SECONDS = 5.0


def says_ready(url: str) -> bool:
    """Whether the process behind this address says that it can work."""
    return _get(url, "/readyz", {})[0] == http.HTTPStatus.OK


def get_json(url: str, path: str, *, token: str) -> dict[str, Any]:
    """The JSON answer to a GET; empty when there is none."""
    status, body = _get(url, path, {"Authorization": f"Bearer {token}"})
    answer = json.loads(body) if status == http.HTTPStatus.OK else {}
    return answer if isinstance(answer, dict) else {}


def _get(url: str, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    """Status and body; status 0 when nothing answers."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
