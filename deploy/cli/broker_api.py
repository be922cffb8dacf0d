"""RabbitMQ's management API: users, rights, queues, bindings and policies of the suite's virtual host."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import quote, unquote, urlsplit

import httpx

from deploy.cli.connection import NotRunning

_SECONDS = 10.0
_NO_API = (
    "CRM_RABBITMQ_API_URL: name the broker's management API, e.g. http://user:password@localhost:15672. "
    "RabbitMQ serves it after: rabbitmq-plugins enable rabbitmq_management"
)


class Rights(NamedTuple):
    """Regular expressions over the names that a user may configure, write to and read from."""

    configure: str
    write: str
    read: str


class BrokerApi:
    """What an administrator of the broker can see and do; an order may be given twice. NotRunning: no API answers."""

    def __init__(self, url: str, *, amqp_url: str) -> None:
        if not url:
            raise NotRunning(_NO_API)
        self._vhost = quote(unquote(urlsplit(amqp_url).path[1:]) or "/", safe="")
        self._http = httpx.Client(base_url=f"{url.rstrip('/')}/api", timeout=_SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def put_user(self, name: str, *, password: str, tag: str) -> None:
        """Make the user, or give an existing one this password."""
        self._ask("PUT", f"users/{_part(name)}", {"password": password, "tags": tag})

    def drop_user(self, name: str) -> None:
        """Remove the user; the broker ends its connections."""
        self._ask("DELETE", f"users/{_part(name)}")

    def close_connections(self, user: str) -> None:
        """End what this user has connected."""
        self._ask("DELETE", f"connections/username/{_part(user)}")

    def put_rights(self, user: str, rights: Rights) -> None:
        """Say what a user may do here."""
        self._ask("PUT", f"permissions/{self._vhost}/{_part(user)}", rights._asdict())

    def has_rights(self, user: str) -> bool:
        """Whether this user may do anything here."""
        return self._ask("GET", f"permissions/{self._vhost}/{_part(user)}") is not None

    def put_queue(self, name: str, **arguments: str) -> None:
        """Declare a durable queue; `arguments` are without their `x-` and with underscores."""
        given = {f"x-{key.replace('_', '-')}": value for key, value in arguments.items()}
        self._ask("PUT", f"queues/{self._vhost}/{_part(name)}", {"durable": True, "arguments": given})

    def drop_queue(self, name: str) -> None:
        """Remove a queue with all that it holds."""
        self._ask("DELETE", f"queues/{self._vhost}/{_part(name)}")

    def counts(self) -> dict[str, int]:
        """How many messages each queue holds. A quorum queue's count is up to five seconds old."""
        queues = self._ask("GET", f"queues/{self._vhost}?disable_stats=true&enable_queue_totals=true")
        return {each["name"]: each.get("messages", 0) for each in queues}

    def oldest(self, queue: str) -> str | None:
        """The body of a classic queue's first message, which stays there."""
        ask = {"count": 1, "ackmode": "ack_requeue_true", "encoding": "auto"}
        messages = self._ask("POST", f"queues/{self._vhost}/{_part(queue)}/get", ask)
        return messages[0]["payload"] if messages else None

    def bind(self, queue: str, *, exchange: str, topics: Sequence[str]) -> None:
        """Have the exchange put these topics into the queue."""
        for topic in topics:
            path = f"bindings/{self._vhost}/e/{_part(exchange)}/q/{_part(queue)}"
            self._ask("POST", path, {"routing_key": topic})

    def topics(self, exchange: str) -> dict[str, list[str]]:
        """What is bound to the exchange: topics by queue."""
        bound: dict[str, list[str]] = {}
        for each in self._ask("GET", f"exchanges/{self._vhost}/{_part(exchange)}/bindings/source") or ():
            bound.setdefault(each["destination"], []).append(each["routing_key"])
        return bound

    def put_policy(self, name: str, *, pattern: str, definition: dict[str, Any]) -> None:
        """Say how queues with matching names are bounded; it holds at once, for those that exist too."""
        policy = {"pattern": pattern, "apply-to": "queues", "definition": definition}
        self._ask("PUT", f"policies/{self._vhost}/{_part(name)}", policy)

    def policy(self, name: str) -> dict[str, Any]:
        """The definition of a policy; empty when there is none."""
        found = self._ask("GET", f"policies/{self._vhost}/{_part(name)}")
        return dict(found["definition"]) if found else {}

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer; None for what is not there."""
        try:
            answer = self._http.request(method, f"/{path}", json=body)
        except httpx.HTTPError as error:
            raise NotRunning(f"The broker's management API does not answer: {type(error).__name__}.") from None
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise NotRunning("CRM_RABBITMQ_API_URL: the broker does not know this user and password.")
        if answer.is_error:
            raise NotRunning(f"The broker refused {method} {path}: {answer.text}")
        return answer.json() if answer.content else {}


def _part(name: str) -> str:
    return quote(name, safe="")
