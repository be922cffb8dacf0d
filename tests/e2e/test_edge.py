"""What no well-behaved client sends: it gets a clear answer where one is possible, and never harms the others."""

import json
import select
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from deploy.local.suite import Suite
from tests.e2e.client import Body
from tests.e2e.company import Company

_SECONDS = 30.0
_GET = b"GET /v1/me HTTP/1.1\r\nHost: crm\r\n"
_POST = b"POST /v1/auth/token HTTP/1.1\r\nHost: crm\r\nContent-Type: application/json\r\n"
_PROBLEM = "application/problem+json"


class Answer(NamedTuple):
    """An HTTP answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: Body


class Wire:
    """A connection on which anything may be sent."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._socket = socket.create_connection((address.hostname, address.port), timeout=_SECONDS)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()
        self._socket.close()

    def send(self, *parts: bytes) -> None:
        self._socket.sendall(b"".join(parts))

    def send_no_more(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def answer(self) -> Answer:
        status = int(self._file.readline().split()[1])
        lines = iter(lambda: self._file.readline().decode().strip(), "")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = self._file.read(int(headers.get("content-length", 0)))
        return Answer(status, headers, json.loads(body) if "json" in headers.get("content-type", "") else {})

    def has_answer(self, *, within: float) -> bool:
        return bool(select.select([self._socket], [], [], within)[0])

    def is_over(self) -> bool:
        """Whether the other side hung up; waits for what it does next."""
        try:
            return self._file.read(1) == b""
        except ConnectionResetError:
            return True


@pytest.fixture
def wire(suite: Suite) -> Iterator[Wire]:
    with Wire(suite.gateway_url) as wire:
        yield wire


def refused(wire: Wire, *parts: bytes) -> Answer:
    """How this is refused: with a problem document, and the connection's end."""
    wire.send(*parts)
    answer = wire.answer()
    assert answer.headers["content-type"] == _PROBLEM
    assert answer.body["status"] == answer.status
    assert answer.body["code"] == f"http.{answer.status}"
    assert answer.body["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["connection"] == "close"
    assert wire.is_over()
    return answer


class TestRequestLine:
    @pytest.mark.parametrize(
        "line",
        [b"garbage", b"GET", b"GET /v1/me", b"GET /v1/me HTTP/x", b"G(T /v1/me HTTP/1.1", b"GET /\xff\x00 HTTP/1.1",
         b"GET  /v1/me HTTP/1.1", b"GET /a b HTTP/1.1", b"GET v1/me HTTP/1.1", b"\x16\x03\x01\x02\x00\x01\x00\x01"],
    )  # fmt: skip
    def test_one_that_is_none_is_400(self, wire: Wire, line: bytes) -> None:
        assert refused(wire, line, b"\r\nHost: crm\r\n\r\n").status == 400

    def test_a_version_that_is_not_spoken_is_505(self, wire: Wire) -> None:
        assert refused(wire, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status == 505

    def test_an_address_that_is_too_long_is_414(self, wire: Wire) -> None:
        assert refused(wire, b"GET /", b"x" * 9_000, b" HTTP/1.1\r\nHost: crm\r\n\r\n").status == 414

    @pytest.mark.parametrize("method", [b"BREW", b"TRACE", b"CONNECT", b"PROPFIND"])
    def test_an_unknown_method_is_405_and_those_there_are_are_told(self, wire: Wire, method: bytes) -> None:
        wire.send(method, b" /v1/customers HTTP/1.1\r\nHost: crm\r\n\r\n")
        answer = wire.answer()
        assert (answer.status, answer.headers["content-type"]) == (405, _PROBLEM)
        assert "GET" in answer.headers["allow"]

    def test_a_whole_url_is_read_as_its_path(self, wire: Wire) -> None:
        wire.send(b"GET http://crm/healthz HTTP/1.1\r\nHost: crm\r\n\r\n")
        assert wire.answer().body == {"status": "alive"}

    def test_a_blank_line_before_it_is_passed_over(self, wire: Wire) -> None:
        wire.send(b"\r\nGET /healthz HTTP/1.1\r\nHost: crm\r\n\r\n")
        assert wire.answer().status == 200


class TestHeaders:
    @pytest.mark.parametrize(
        "header",
        [b"No colon here", b"Space : before the colon", b": nameless", b"Na me: x", b"Folded: a\r\n b", b"Nul: a\x00b",
         b"Return: a\rb", b"Host: another"],
    )  # fmt: skip
    def test_one_that_two_readers_could_read_in_two_ways_is_400(self, wire: Wire, header: bytes) -> None:
        assert refused(wire, _GET, header, b"\r\n\r\n").status == 400

    def test_without_a_host_it_is_400(self, wire: Wire) -> None:
        assert refused(wire, b"GET /healthz HTTP/1.1\r\n\r\n").status == 400

    def test_more_than_64_kib_of_them_is_431(self, wire: Wire) -> None:
        assert refused(wire, _GET, b"A: ", b"x" * 65_536, b"\r\n\r\n").status == 431

    def test_more_than_a_hundred_is_431(self, wire: Wire) -> None:
        assert refused(wire, _GET, b"".join(b"A%d: x\r\n" % number for number in range(150)), b"\r\n").status == 431

    def test_a_token_of_48_kib_is_read(self, wire: Wire) -> None:
        wire.send(_GET, b"Authorization: Bearer ", b"x" * 49_152, b"\r\n\r\n")
        answer = wire.answer()
        assert (answer.status, answer.body["code"]) == (401, "auth.invalid_token")

    def test_an_end_within_them_is_400(self, wire: Wire) -> None:
        wire.send(_GET, b"Content-Length: 1")
        wire.send_no_more()
        assert wire.answer().status == 400
        assert wire.is_over()


class TestLength:
    @pytest.mark.parametrize("length", [b"-1", b"+1", b"1_0", b"0x1", b"one", b"1, 1", b"", b"9" * 20])
    def test_one_that_is_no_number_is_400(self, wire: Wire, length: bytes) -> None:
        assert refused(wire, _POST, b"Content-Length: ", length, b"\r\n\r\nx").status == 400

    @pytest.mark.parametrize(
        "headers",
        [
            b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            b"Content-Length: 5\r\nContent-Length: 6\r\n",
            b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        ],
    )
    def test_two_of_them_are_400(self, wire: Wire, headers: bytes) -> None:
        assert refused(wire, _POST, headers, b"\r\n0\r\n\r\n").status == 400

    @pytest.mark.parametrize("coding", [b"gzip, chunked", b"xchunked", b"identity", b"chunked, chunked"])
    def test_a_coding_that_is_not_known_is_501(self, wire: Wire, coding: bytes) -> None:
        assert refused(wire, _POST, b"Transfer-Encoding: ", coding, b"\r\n\r\n0\r\n\r\n").status == 501

    @pytest.mark.parametrize("size", [b"0x2", b"+2", b"-2", b"2_0", b"two", b"", b"f" * 5_000])
    def test_a_chunk_whose_size_is_no_number_is_400(self, wire: Wire, size: bytes) -> None:
        wire.send(_POST, b"Transfer-Encoding: chunked\r\n\r\n", size, b"\r\n{}\r\n0\r\n\r\n")
        answer = wire.answer()
        assert (answer.status, answer.body["code"]) == (400, "http.400")
        assert wire.is_over()


class TestConnection:
    def test_http_1_0_is_answered_and_ended(self, wire: Wire) -> None:
        wire.send(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert wire.answer().body == {"status": "alive"}
        assert wire.is_over()

    def test_requests_in_a_row_are_answered_in_a_row_and_garbage_after_them_ends_it(self, wire: Wire) -> None:
        wire.send(b"GET /healthz HTTP/1.1\r\nHost: crm\r\n\r\n" * 3, b"garbage\r\n\r\n")
        assert [wire.answer().status for _ in range(4)] == [200, 200, 200, 400]
        assert wire.is_over()

    def test_a_body_that_nobody_read_is_no_request(self, wire: Wire) -> None:
        smuggled = b"GET /healthz HTTP/1.1\r\nHost: crm\r\n\r\n"
        wire.send(b"POST /v1/nowhere HTTP/1.1\r\nHost: crm\r\nContent-Length: %d\r\n\r\n" % len(smuggled), smuggled)
        wire.send(_GET, b"\r\n")
        assert [wire.answer().status for _ in range(2)] == [404, 401]

    def test_who_sends_no_more_is_still_answered(self, wire: Wire) -> None:
        wire.send(b"GET /healthz HTTP/1.1\r\nHost: crm\r\n\r\n")
        wire.send_no_more()
        assert wire.answer().status == 200
        assert wire.is_over()

    def test_who_hangs_up_within_a_body_harms_nobody(self, suite: Suite, company: Company) -> None:
        for length in (b"Content-Length: 100", b"Transfer-Encoding: chunked"):
            with Wire(suite.gateway_url) as wire:
                wire.send(_POST, length, b"\r\n\r\n5\r\n{")
        assert company.stranger.get("/healthz") == {"status": "alive"}

    def test_a_body_that_is_too_large_is_refused_before_it_is_sent(self, wire: Wire) -> None:
        wire.send(_POST, b"Expect: 100-continue\r\nContent-Length: 999999999\r\n\r\n")
        answer = wire.answer()
        assert (answer.status, answer.body["code"]) == (413, "http.413")


class TestSlowness:
    def test_who_takes_longer_than_ten_seconds_is_told_408_while_others_are_served(
        self, suite: Suite, company: Company
    ) -> None:
        dripping_headers = (b"GET /healthz HTTP/1.1\r\n", b"X: y\r\n")
        dripping_body = (_POST + b"Content-Length: 1000\r\n\r\n", b"x")
        dripping_chunks = (_POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n")
        with ThreadPoolExecutor() as pool:
            slow = [
                pool.submit(drip, suite.gateway_url, *parts)
                for parts in (dripping_headers, dripping_body, dripping_chunks)
            ]
            while not all(each.done() for each in slow):
                assert company.stranger.get("/healthz") == {"status": "alive"}
                time.sleep(0.5)
        for each in slow:
            answer, seconds = each.result()
            assert (answer.status, answer.body["code"]) == (408, "http.408")
            assert 9 < seconds < _SECONDS


class TestManyConnections:
    def test_one_address_may_have_two_hundred_and_the_next_is_told_503(self, suite: Suite) -> None:
        with ExitStack() as stack:
            for _ in range(230):
                wire = stack.enter_context(Wire(suite.gateway_url))
            answer = wire.answer()
        assert (answer.status, answer.body["code"]) == (503, "http.503")
        assert int(answer.headers["retry-after"]) > 0


class TestPolicies:
    def test_browsers_guess_no_types_keep_no_answers_and_show_it_in_no_frame(self, company: Company) -> None:
        headers = company.admin.ask("GET", "/v1/me").headers
        assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")
        for path in ("/v1/me", "/docs/"):
            assert "frame-ancestors 'none'" in company.stranger.ask("GET", path).headers["Content-Security-Policy"]

    def test_pages_of_other_sites_get_no_leave_to_read(self, company: Company) -> None:
        headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
        for method in ("OPTIONS", "GET"):
            answer = company.admin.ask(method, "/v1/me", headers=headers)
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")]

    def test_head_is_get_without_a_body(self, company: Company) -> None:
        answer = company.admin.ask("HEAD", "/v1/me")
        assert (answer.status_code, answer.content) == (200, b"")


class TestLimit:
    def test_what_is_left_is_told_with_every_answer(self, company: Company) -> None:
        with company.hire("Lin Limited") as caller:
            told = [caller.ask("GET", path).headers for path in ("/v1/me", "/v1/customers?colour=red", "/v1/me")]
        assert {headers["RateLimit-Policy"] for headers in told} == {'"default";q=1000000;w=60'}
        left = [int(headers["RateLimit"].partition("r=")[2].partition(";")[0]) for headers in told]
        assert left == [left[0], left[0] - 1, left[0] - 2]


def drip(url: str, opening: bytes, drop: bytes) -> tuple[Answer, float]:
    """Send a little every now and then until an answer comes; the answer, and how long it took."""
    began = time.monotonic()
    with Wire(url) as wire:
        wire.send(opening)
        for _ in range(int(_SECONDS)):
            if wire.has_answer(within=0.9):
                break
            wire.send(drop)
        return wire.answer(), time.monotonic() - began
