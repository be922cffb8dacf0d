"""The log of events, for systems that were away."""

from gateway import event_log
from gateway.event_log import EventsPage, ListLoggedEvents
from gateway.routing import Api

api = Api("events")


@api.get("/v1/events")
def list_events(request: ListLoggedEvents) -> EventsPage:
    """What happened after a cursor, in order per source."""
    return event_log.read(request)
