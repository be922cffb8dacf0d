"""The live stream over a line that breaks."""

from contextlib import closing
from itertools import islice

import pytest

from contracts.errors import NotPermitted
from tests.integration.client.gateway import BadGateway, hang_up, refuse, write
from tideline_client import Client, Heard

STREAM = "GET /v1/events/stream?types=%23"


def frame(number: int) -> str:
    return f'id: c{number}\nevent: pool.created\ndata: {{"id": {number}}}\n\n'


def numbers(heard: list[Heard]) -> list[int]:
    return [each.event["id"] for each in heard]


class TestListen:
    def test_it_goes_on_behind_the_last_event_however_the_line_breaks(
        self, gateway: BadGateway, client: Client
    ) -> None:
        gateway.will(
            write(f": welcome\n\n{frame(1)}{frame(2)}"),
            hang_up,
            refuse(503, "stream.full", Retry_After="0"),
            write(frame(3)),
        )
        with closing(client.listen()) as stream:
            heard = list(islice(stream, 3))
        assert numbers(heard) == [1, 2, 3]
        assert [each.line for each in gateway.got] == [STREAM, *[f"{STREAM}&after=c2"] * 3]

    def test_a_half_event_at_the_break_is_heard_once_and_whole(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(write(frame(1) + 'id: c2\nevent: pool.created\ndata: {"i'), write(frame(2)))
        with closing(client.listen()) as stream:
            assert numbers(list(islice(stream, 2))) == [1, 2]
        assert gateway.got[1].line.endswith("after=c1")

    def test_an_events_text_may_hold_any_character(self, gateway: BadGateway, client: Client) -> None:
        text = "one\u2028two\x85three"
        gateway.will(write(f'id: c1\nevent: customer.updated\ndata: {{"name": "{text}"}}\n\n'))
        with closing(client.listen()) as stream:
            assert next(stream).event == {"name": text}

    def test_it_begins_where_the_caller_was_and_brings_what_was_asked_for(
        self, gateway: BadGateway, client: Client
    ) -> None:
        gateway.will(write(frame(8)))
        with closing(client.listen("pool.created", "customer.*", after="c7")) as stream:
            assert next(stream) == Heard("c8", {"id": 8})
        assert gateway.got[0].line == "GET /v1/events/stream?types=pool.created%2Ccustomer.%2A&after=c7"

    def test_who_may_not_listen_is_told_so(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(refuse(403, "auth.scope_missing"))
        with pytest.raises(NotPermitted, match=r"auth\.scope_missing"):
            next(client.listen())
