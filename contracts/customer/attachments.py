"""Files on a customer: uploads that it has taken."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from contracts.base import Message, Request
from contracts.values import Actor, Limit, Line


class Attachment(Message):
    """A file on a customer; it never changes."""

    id: UUID
    """That of the upload which it was."""
    customer_id: UUID
    name: str
    size: int
    """Bytes."""
    added_at: datetime
    added_by: Actor


class AttachmentPage(Message):
    """A page of attachments, latest first; `total` only when it was asked for."""

    items: list[Attachment]
    next_cursor: str | None
    total: int | None = None


class ListAttachments(Request[AttachmentPage], to="customer"):
    """The files on a customer that the caller sees. NotFound: customer.not_found, customer.merged."""

    customer_id: UUID
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False


class AddAttachment(Request[Attachment], to="customer"):
    """Let a customer have an uploaded file of the caller's; who edits the customer may.

    NotFound: customer.not_found, customer.merged, upload.not_found (or something has taken it). NotPermitted:
    customer.read_only. Conflict: attachment.too_many (of 500 per customer), upload.incomplete.
    """

    customer_id: UUID
    upload_id: UUID
    name: Line | None = None
    """Absent: as the upload is called."""


class GetAttachment(Request[Attachment], to="customer"):
    """What there is to know of a file beside its content.

    NotFound: customer.not_found, customer.merged, attachment.not_found.
    """

    customer_id: UUID
    attachment_id: UUID


class AttachmentPart(Message):
    """Bytes of a file: 524,288, and what is left in the last part."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    data: bytes


class GetAttachmentPart(Request[AttachmentPart], to="customer"):
    """The content of a file, part by part.

    NotFound: customer.not_found, customer.merged, attachment.not_found (also for a part behind the last).
    Unavailable: files.unavailable.
    """

    customer_id: UUID
    attachment_id: UUID
    part: Annotated[int, Field(ge=0, le=1_000_000)]
    """Its number, from 0."""


class RemovedAttachment(Message):
    """The id of the file that is gone."""

    id: UUID


class RemoveAttachment(Request[RemovedAttachment], to="customer"):
    """Remove a file from a customer; who edits the customer may.

    NotFound: customer.not_found, customer.merged, attachment.not_found. NotPermitted: customer.read_only.
    """

    customer_id: UUID
    attachment_id: UUID
