"""Files on their way in, part by part, until an import or an attachment takes them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from contracts.base import Message, Request
from contracts.values import Line

PART_BYTES = 524_288
"""How many bytes each part of a file has; the last one may have fewer."""
Part = Annotated[bytes, Field(min_length=1, max_length=PART_BYTES)]


class Upload(Message):
    """A file that nothing has taken yet; it is thrown away after a day."""

    id: UUID
    name: str
    size: int
    """Bytes that have arrived."""
    parts: int
    complete: bool
    created_at: datetime


class BeginUpload(Request[Upload], to="customer"):
    """Announce a file. Its parts follow by AppendUpload.

    NotPermitted: customer.writers_only. Conflict: upload.too_many (20 that nothing has taken yet; those that never
    arrived whole make room). InvalidInput: upload.too_large, upload.empty.
    Unavailable: files.unavailable.
    """

    name: Line


class AppendUpload(Request[Upload], to="customer"):
    """Add the next part of a file; one that is sent again changes nothing.

    Conflict: upload.complete, upload.out_of_order (it is not the next part, or the one before it is short).
    InvalidInput: upload.too_large. NotFound: upload.not_found. NotPermitted: customer.writers_only. Unavailable:
    files.unavailable.
    """

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    upload_id: UUID
    part: Annotated[int, Field(ge=0, le=1_000_000)]
    """Its number, from 0."""
    data: Part


class FinishUpload(Request[Upload], to="customer"):
    """Say that the file is whole.

    NotFound: upload.not_found. InvalidInput: upload.empty. NotPermitted: customer.writers_only.
    """

    upload_id: UUID


class GetUpload(Request[Upload], to="customer"):
    """One's own file, until something takes it. NotFound: upload.not_found. NotPermitted: customer.writers_only."""

    upload_id: UUID
