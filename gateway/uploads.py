"""Files on their way to the service that keeps them: the body is passed on part by part, never held whole."""

import time
from collections.abc import Iterator
from typing import Any

from eventlet.wsgi import ChunkReadError
from flask import Flask, Response
from flask import request as http
from werkzeug.sansio.multipart import Data, Field, File, MultipartDecoder, NeedData

from contracts.customer.uploads import PART_BYTES, AppendUpload, BeginUpload, FinishUpload, Upload
from contracts.errors import InvalidInput
from gateway import parsing
from gateway.protocol import Body
from gateway.settings import GatewaySettings
from servicekit import context
from servicekit.rpc import call

PATH = "/v1/uploads"
NAME = "create_upload"
_READ_BYTES = 65_536
_CALL_SECONDS = 30.0
_HEADERS_BYTES = 16_384
"""The headers of one part of a form."""


class Uploads:
    """Takes files in, as the whole body or as the file of a form."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings

    def mount(self, app: Flask) -> None:
        """Serve the route."""
        app.add_url_rule(PATH, NAME, self._take, methods=["POST"])

    def _take(self) -> Response:
        http.max_content_length = self._settings.upload_bytes
        context.amend(deadline=time.time() + self._settings.upload_seconds, idempotency_key=parsing.idempotency_key())
        chunks = self._chunks()
        named, content = _form_file(chunks) if http.mimetype == "multipart/form-data" else ("", chunks)
        request = parsing.validated(BeginUpload, {"name": _given_name() or named or "file"})
        upload = call(BeginUpload.model_validate(request), timeout=_CALL_SECONDS)
        context.amend(idempotency_key="")  # it was for the one call; a part that is repeated is known by its number
        for number, part in enumerate(_in_parts(content)):
            call(AppendUpload(upload_id=upload.id, part=number, data=part), timeout=_CALL_SECONDS)
        return _answer(call(FinishUpload(upload_id=upload.id), timeout=_CALL_SECONDS))

    def _chunks(self) -> Iterator[bytes]:
        """The body as it arrives; each piece must come within the time that another request's whole body has."""
        body = http.environ["wsgi.input"]
        try:
            while True:
                if isinstance(body, Body):
                    body.allow(self._settings.request_seconds)
                chunk = http.stream.read(_READ_BYTES)
                if not chunk:
                    return
                yield chunk
        except ChunkReadError:
            raise InvalidInput("request.malformed", "The body's chunks are not what chunks must be.") from None


def _given_name() -> str:
    parsing.refuse_parameters_but({"name"})
    return http.args.get("name", "")


def _form_file(chunks: Iterator[bytes]) -> tuple[str, Iterator[bytes]]:
    """The name, where it has one, and the content of the first file in a form."""
    boundary = http.mimetype_params.get("boundary", "")
    # The bound is on what waits to be understood: headers that go on, and the piece of the body that has just arrived.
    held = _HEADERS_BYTES + _READ_BYTES
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), held, max_parts=20)
    for event in _events(decoder, chunks):
        if isinstance(event, File):
            return event.filename or "", _content(decoder, chunks)
        if isinstance(event, Field) and event.name == "file":  # a program that gives it no name of its own
            return "", _content(decoder, chunks)
    raise InvalidInput("request.malformed", "The form holds no file.")


def _content(decoder: MultipartDecoder, chunks: Iterator[bytes]) -> Iterator[bytes]:
    for event in _events(decoder, chunks):
        if isinstance(event, Data):
            yield event.data
            if not event.more_data:
                return
    raise InvalidInput("request.malformed", "The form ends within its file.")


def _events(decoder: MultipartDecoder, chunks: Iterator[bytes]) -> Iterator[Any]:
    try:
        while True:
            event = decoder.next_event()
            if not isinstance(event, NeedData):
                yield event
            elif (chunk := next(chunks, None)) is not None:
                decoder.receive_data(chunk)
            else:
                return
    except ValueError:
        raise InvalidInput("request.malformed", "The body is not the form that its Content-Type says.") from None


def _in_parts(content: Iterator[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for chunk in content:
        held += chunk
        while len(held) >= PART_BYTES:
            yield bytes(held[:PART_BYTES])
            del held[:PART_BYTES]
    if held:
        yield bytes(held)


def _answer(upload: Upload) -> Response:
    response = Response(upload.model_dump_json(), status=201, mimetype="application/json")
    response.headers["Location"] = f"{PATH}/{upload.id}"
    return response
