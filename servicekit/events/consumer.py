"""Takes a service's events from the broker and gives them to workers; one connection per process for all handlers.

Nothing here may raise into nameko: an error in an extension ends the whole container.
"""

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import amqp
import eventlet
from amqp import spec
from eventlet.event import Event
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import SharedExtension

from servicekit.amqp import LOST, Link
from servicekit.cloudevents import Unreadable, read
from servicekit.events.attempt import HasSession, Method
from servicekit.events.intake import Delivery
from servicekit.events.topology import declare_exchanges, declare_queue
from servicekit.logging import get_logger
from servicekit.runtime import runtime_of

if TYPE_CHECKING:
    from servicekit.events.handler import Handler

log = get_logger(__name__)

_PAUSE_SECONDS = (0.1, 0.5, 1, 2, 5)
_CLOSE_SECONDS = 2.0


class Consumer(SharedExtension):
    """Shared by all handlers of a container."""

    def __init__(self) -> None:
        super().__init__()
        self._handlers: list[Handler] = []
        self._channel: amqp.Channel | None = None
        self._running = 0
        self._stopped = Event()

    def setup(self) -> None:
        """Know the process."""
        settings = runtime_of(self.container).settings
        # The other half is for requests, timers and retries.
        self._limit = max(1, settings.database_connections // 2)
        self._link = Link(settings.amqp_url, name="events", on_open=self._opened, on_lost=self._lost)

    def register(self, handler: "Handler") -> None:
        """Know a handler."""
        self._handlers.append(handler)

    def start(self) -> None:
        """Connect and consume; returns at once."""
        self._link.start()

    def stop_intake(self) -> None:
        """Begin nothing new; what is being worked on is finished and acked. All handlers stop as one."""
        if self._stopped.ready():
            return
        self._stopped.send(None)
        if self._channel is not None:
            with suppress(*LOST, OSError):
                for handler in self._handlers:
                    self._channel.basic_cancel(handler.method_name, nowait=True)

    def stop(self) -> None:
        """Have the broker take the last acks and all that was not begun, then hang up."""
        if self._channel is not None:
            with suppress(*LOST, OSError), eventlet.Timeout(_CLOSE_SECONDS, False):
                # Not close(): it would read the answer, which is the link's work.
                self._channel.send_method(spec.Channel.Close, "BsBB", (0, "", 0, 0))
                while self._channel is not None and self._channel.connection is not None:
                    eventlet.sleep(0.01)
        self._link.close()

    def kill(self) -> None:
        """Hang up."""
        self.stop_intake()
        self._link.close()

    def _opened(self, connection: amqp.Connection) -> None:
        self._channel = channel = connection.channel()
        declare_exchanges(channel)
        for handler in self._handlers:
            declare_queue(channel, handler.queue)
        for handler in self._handlers:
            # RabbitMQ's prefetch counts for each consumer that is started after it.
            channel.basic_qos(0, handler.prefetch, False)
            channel.basic_consume(handler.queue.name, handler.method_name, callback=partial(self._take, handler))

    def _lost(self) -> None:
        self._channel = None
        for handler in self._handlers:
            handler.intake.clear()

    def _take(self, handler: "Handler", message: amqp.Message) -> None:
        if self._stopped.ready():
            return
        try:
            incoming = read(message.body, handler.known)
        except Unreadable as error:
            log.warning("event unreadable", queue=handler.queue.name, reason=str(error))
            message.channel.basic_reject(message.delivery_tag, requeue=False)
            return
        handler.intake.add(Delivery(incoming, message.channel, message.delivery_tag))
        self._begin_what_may()

    def _begin_what_may(self) -> None:
        for handler in sorted(self._handlers, key=lambda each: each.intake.running):
            while self._running < self._limit and not self._stopped.ready() and (taken := handler.intake.take()):
                self._running += 1
                self._begin(handler, taken)

    def _begin(self, handler: "Handler", deliveries: list[Delivery]) -> None:
        with suppress(ContainerBeingKilled):
            self.container.spawn_worker(
                handler,
                (partial(self._work, handler, deliveries),),
                {},
                handle_result=partial(self._finish, handler, deliveries),
            )

    def _work(self, handler: "Handler", deliveries: list[Delivery], service: HasSession, method: Method) -> None:
        pauses = 0
        while True:
            try:
                handler.attempts.deliver(service, method, [each.incoming for each in deliveries])
            except Exception as error:
                if pauses == 0:
                    log.warning("events held", handler=handler.method_name, error=type(error).__name__)
                self._pause(_PAUSE_SECONDS[min(pauses, len(_PAUSE_SECONDS) - 1)])
                pauses += 1
            else:
                self._ack(deliveries)
                return
            if self._stopped.ready() or deliveries[0].channel is not self._channel:
                return

    def _pause(self, seconds: float) -> None:
        with eventlet.Timeout(seconds, False):
            self._stopped.wait()

    def _ack(self, deliveries: list[Delivery]) -> None:
        with suppress(*LOST, OSError):
            for each in deliveries:
                each.channel.basic_ack(each.tag)

    def _finish(
        self, handler: "Handler", deliveries: list[Delivery], _worker: Any, result: Any, failure: Any
    ) -> tuple[Any, Any]:
        self._running -= 1
        handler.intake.finish(deliveries)
        self._begin_what_may()
        return result, failure
