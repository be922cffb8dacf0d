"""The caller's inbox."""

from contracts.notify import ListNotices, MarkNoticesRead, NoticePage, ReadNotices
from gateway.routing import Api
from servicekit.rpc import call

api = Api("notices")


@api.get("/v1/notices")
def list_notices(request: ListNotices) -> NoticePage:
    """What the caller was told, latest first."""
    return call(request)


@api.post("/v1/notices/reads")
def mark_notices_read(request: MarkNoticesRead) -> ReadNotices:
    """Mark notices as read."""
    return call(request)
