"""The relay's side of the broker: send a batch, wait once for all of its confirms, never without end."""

from collections import OrderedDict
from collections.abc import Sequence

import amqp
import eventlet
from amqp import spec
from eventlet.event import Event

from servicekit.amqp import LOST, Link
from servicekit.cloudevents import CONTENT_TYPE
from servicekit.events.topology import EXCHANGE, declare_exchanges
from servicekit.relay.rows import Row

_OPEN_SECONDS = 5.0
_CONFIRM_SECONDS = 10.0
_PERSISTENT = 2


class NotPublished(Exception):
    """The broker has not confirmed the whole batch."""


class Publisher:
    """A link of its own, because an alarm of the broker blocks whatever publishes on it."""

    def __init__(self, url: str) -> None:
        self._channel: amqp.Channel | None = None
        self._next_tag = 1
        self._unconfirmed: OrderedDict[int, None] = OrderedDict()
        self._confirmed: Event | None = None
        self._link = Link(url, name="relay", on_open=self._opened, on_lost=self._lost)
        self._link.start()
        self._link.wait_open(_OPEN_SECONDS)

    @property
    def is_open(self) -> bool:
        """Whether the broker would take a batch now."""
        return self._link.is_open

    def close(self) -> None:
        """Drop the connection without waiting for anybody."""
        self._link.close()

    def send(self, rows: Sequence[Row]) -> None:
        """Publish in this order and return when all are confirmed. After NotPublished this publisher is of no use."""
        channel = self._channel
        if channel is None:
            raise NotPublished("the broker is away")
        self._confirmed = Event()
        self._unconfirmed.update((tag, None) for tag in range(self._next_tag, self._next_tag + len(rows)))
        self._next_tag += len(rows)
        try:
            with eventlet.Timeout(_CONFIRM_SECONDS, NotPublished("the broker did not confirm in time")):
                for row in rows:
                    # Not basic_publish: it looks for incoming frames before each message, which is the reader's work.
                    channel.send_method(
                        spec.Basic.Publish, "Bssbb", (0, EXCHANGE, row.topic, False, False), _message(row)
                    )
                self._confirmed.wait()
        except LOST as error:
            raise NotPublished("the broker went away") from error
        finally:
            self._confirmed = None

    def _opened(self, connection: amqp.Connection) -> None:
        channel = connection.channel()
        declare_exchanges(channel)
        channel.confirm_select()
        channel.events["basic_ack"].add(self._acked)
        channel.events["basic_nack"].add(self._refused)
        self._next_tag = 1
        self._unconfirmed.clear()
        self._channel = channel

    def _lost(self) -> None:
        self._channel = None
        self._fail("the broker went away")

    def _acked(self, tag: int, multiple: bool) -> None:
        if multiple:
            while self._unconfirmed and next(iter(self._unconfirmed)) <= tag:
                self._unconfirmed.popitem(last=False)
        else:
            self._unconfirmed.pop(tag, None)
        if not self._unconfirmed and self._confirmed is not None and not self._confirmed.ready():
            self._confirmed.send(None)

    def _refused(self, _tag: int, _multiple: bool) -> None:
        self._fail("the broker refused an event")

    def _fail(self, reason: str) -> None:
        if self._confirmed is not None and not self._confirmed.ready():
            self._confirmed.send_exception(NotPublished(reason))


def _message(row: Row) -> amqp.Message:
    return amqp.Message(
        row.body.encode(),
        content_type=CONTENT_TYPE,
        delivery_mode=_PERSISTENT,
        message_id=row.id,
        type=row.type,
        app_id=row.source,
        timestamp=int(row.occurred_at.timestamp()),
    )
