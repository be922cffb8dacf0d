"""Files on customers."""

from collections.abc import Iterator

from contracts.customer.attachments import (
    AddAttachment,
    Attachment,
    AttachmentPage,
    GetAttachment,
    GetAttachmentPart,
    ListAttachments,
    RemoveAttachment,
    RemovedAttachment,
)
from contracts.customer.uploads import PART_BYTES
from gateway.downloads import Download
from gateway.routing import Api
from servicekit.rpc import call

api = Api("attachments")

_MEDIA_TYPE = "application/octet-stream"
"""Of whatever it is: a browser keeps it, and shows none of it as a page of ours."""


@api.get("/v1/customers/{customer_id}/attachments")
def list_attachments(request: ListAttachments) -> AttachmentPage:
    """The files on a customer, latest first."""
    return call(request)


@api.post("/v1/customers/{customer_id}/attachments", status=201)
def add_attachment(request: AddAttachment) -> Attachment:
    """Let a customer have an uploaded file."""
    return call(request)


@api.get("/v1/customers/{customer_id}/attachments/{attachment_id}")
def get_attachment(request: GetAttachment) -> Attachment:
    """What there is to know of a file beside its content."""
    return call(request)


@api.delete("/v1/customers/{customer_id}/attachments/{attachment_id}")
def remove_attachment(request: RemoveAttachment) -> RemovedAttachment:
    """Remove a file from a customer."""
    return call(request)


@api.download("/v1/customers/{customer_id}/attachments/{attachment_id}/content", _MEDIA_TYPE)
def download_attachment(request: GetAttachment) -> Download:
    """The file itself, byte by byte as it was sent."""
    found = call(request)
    return Download(name=found.name, media_type=_MEDIA_TYPE, pieces=_pieces(found), size=found.size)


def _pieces(found: Attachment) -> Iterator[bytes]:
    for number in range(-(-found.size // PART_BYTES)):
        yield call(GetAttachmentPart(customer_id=found.customer_id, attachment_id=found.id, part=number)).data
