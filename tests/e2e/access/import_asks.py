"""What is asked of files on their way in, of attachments and imports, to see who may; part of asks.py."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx

from contracts.base import Request
from contracts.customer.attachments import AddAttachment, GetAttachment, ListAttachments, RemoveAttachment
from contracts.customer.import_jobs import (
    CancelImport,
    CreateImport,
    GetImport,
    ImportState,
    ListImportErrors,
    ListImports,
    PreviewImport,
    RevertImport,
    StartImport,
)
from contracts.customer.uploads import GetUpload
from deploy.docs.access import May, Who, rule_of
from servicekit.database import new_id
from tests.e2e.access.scene import Cast, Records
from tests.e2e.client import eventually

_SECONDS = 30.0


def upload(cast: Cast, who: Who, _records: Records) -> UUID:
    """A file of their own for who may send one; others are refused whatever they name."""
    if rule_of("create_upload")[who] is not May.DO:
        return new_id()
    headers = {"Authorization": f"Bearer {cast.token_of(who)}"}
    content = f"Name\nAccess {new_id()}\n".encode()
    url = f"{cast.company.suite.gateway_url}/v1/uploads?name=access.csv"
    answer = httpx.post(url, content=content, headers=headers, trust_env=False, timeout=_SECONDS)
    return UUID(answer.json()["id"])


def _new_import(cast: Cast, who: Who, records: Records) -> UUID:
    """An import of their own for who may import, that was read; the same for others."""
    if rule_of("create_import")[who] is not May.DO:
        return new_id()
    client = cast.clients[who]
    made = client.call(CreateImport(upload_id=upload(cast, who, records)))
    eventually(lambda: client.call(GetImport(import_id=made.id)).state is ImportState.READY)
    return made.id


def _over_import(cast: Cast, who: Who, records: Records) -> UUID:
    """One that is over, for who may import."""
    import_id = _new_import(cast, who, records)
    if rule_of("revert_import")[who] is May.DO:
        cast.clients[who].call(CancelImport(import_id=import_id))
    return import_id


def read_import(cast: Cast, who: Who, records: Records) -> UUID:
    """One that is only looked at; a caller has only so many that are not over."""
    if who not in cast.imports:
        cast.imports[who] = _new_import(cast, who, records)
    return cast.imports[who]


IMPORT_ASKS: dict[str, Callable[[Cast, Who, Records], Request[Any]]] = {
    "get_upload": lambda *asked: GetUpload(upload_id=upload(*asked)),
    "list_imports": lambda *_: ListImports(limit=1),
    "create_import": lambda *asked: CreateImport(upload_id=upload(*asked)),
    "get_import": lambda *asked: GetImport(import_id=read_import(*asked)),
    "preview_import": lambda *asked: PreviewImport(import_id=read_import(*asked)),
    "start_import": lambda *asked: StartImport(import_id=_new_import(*asked)),
    "cancel_import": lambda *asked: CancelImport(import_id=_new_import(*asked)),
    "revert_import": lambda *asked: RevertImport(import_id=_over_import(*asked)),
    "list_import_errors": lambda *asked: ListImportErrors(import_id=read_import(*asked)),
}


def _attachment(cast: Cast, _who: Who, records: Records) -> dict[str, UUID]:
    """One more on the customer, added by its owner."""
    file_id = upload(cast, Who.OWNER, records)
    cast.people[Who.OWNER].call(AddAttachment(customer_id=records.customer.id, upload_id=file_id))
    return {"customer_id": records.customer.id, "attachment_id": file_id}


def _new_attachment(cast: Cast, who: Who, records: Records) -> Request[Any]:
    """Of a file of their own, for who may add one."""
    may = rule_of("add_attachment")[who] is May.DO
    file_id = upload(cast, who, records) if may else new_id()
    return AddAttachment(customer_id=records.customer.id, upload_id=file_id)


ATTACHMENT_ASKS: dict[str, Callable[[Cast, Who, Records], Request[Any]]] = {
    "list_attachments": lambda _cast, _who, records: ListAttachments(customer_id=records.customer.id),
    "add_attachment": _new_attachment,
    "get_attachment": lambda *asked: GetAttachment(**_attachment(*asked)),
    "remove_attachment": lambda *asked: RemoveAttachment(**_attachment(*asked)),
}


def _content(cast: Cast, who: Who, records: Records) -> str:
    ids = _attachment(cast, who, records)
    return f"GET /v1/customers/{ids['customer_id']}/attachments/{ids['attachment_id']}/content"


FILE_ADDRESSES: dict[str, Callable[[Cast, Who, Records], str]] = {
    "export_customers": lambda _cast, _who, records: f"GET /v1/exports/customers.csv?q={records.customer.name}",
    "export_customers_as_xlsx": lambda _cast, _who, records: (
        f"GET /v1/exports/customers.xlsx?q={records.customer.name}"
    ),
    "download_attachment": _content,
    "create_upload": lambda *_: "POST /v1/uploads?name=access.csv",
    "download_import_errors": lambda *asked: f"GET /v1/imports/{read_import(*asked)}/errors.csv",
}
"""Methods and addresses of what is sent or answered as a file."""
