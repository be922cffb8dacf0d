"""Calls over a bad line: what is repeated, under which key, for how long, and what the caller is told in the end."""

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from contracts.base import Request
from contracts.customer.contacts import RemoveContact
from contracts.customer.customers import CreateCustomer, CustomerChanges, GetCustomer, ListCustomers, UpdateCustomer
from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unavailable
from contracts.identity.users import DescribeUsers, GetMe
from contracts.pool.holdings import GetHolding
from contracts.pool.pools import CreatePool, Pool
from contracts.values import Lifecycle
from deploy.local.ports import free_port
from tests.integration.client.gateway import BadGateway, Step, answer, drip, hang_up, hold, refuse
from tideline_client import Client

ID = UUID(int=7)
POOL = Pool(id=ID, name="North", default=False, free=0, version=1)
MADE = answer(POOL.model_dump(mode="json"), status=201)
CHANGE = UpdateCustomer(customer_id=ID, version=3, changes=CustomerChanges(level=None, note="x"))
REMOVAL = RemoveContact(customer_id=ID, contact_id=ID, version=3)
BUSY = refuse(503, "database.busy", Retry_After="0")


class TestRequest:
    def test_a_post_bears_its_fields_as_they_were_given_and_the_key(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(MADE)
        assert client.call(CreatePool(name="North")) == POOL
        (got,) = gateway.got
        assert (got.line, got.body) == ("POST /v1/pools", {"name": "North"})
        assert got.headers["authorization"] == "Bearer tl_key"

    def test_a_list_says_in_its_query_what_was_asked_and_nothing_else(
        self, gateway: BadGateway, client: Client
    ) -> None:
        gateway.will(answer({"items": [], "next_cursor": None}))
        client.call(ListCustomers(q="a&b", lifecycle=Lifecycle.LEAD, count=True, tag=None))
        assert gateway.got[0].line == "GET /v1/customers?q=a%26b&lifecycle=lead&count=true"

    def test_a_change_is_a_merge_patch_of_the_version_that_was_read(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(refuse(412, "version.stale"))
        with pytest.raises(Conflict, match=r"version\.stale"):
            client.call(CHANGE)
        (got,) = gateway.got
        assert got.line == f"PATCH /v1/customers/{ID}"
        assert got.body == {"level": None, "note": "x"}
        assert got.headers["if-match"] == '"3"'

    def test_a_removal_names_its_version_in_the_header_alone(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(answer({"id": str(ID)}))
        client.call(REMOVAL)
        (got,) = gateway.got
        assert (got.line, got.headers["if-match"]) == (f"DELETE /v1/customers/{ID}/contacts/{ID}", '"3"')

    def test_who_reads_a_customer_that_was_merged_gets_its_survivor(self, gateway: BadGateway, client: Client) -> None:
        moved = answer({}, status=307, Location=f"/v1/holdings/{UUID(int=8)}")
        held = {"customer": {"id": str(UUID(int=8)), "name": "Acme"}, "owner": None, "pool": None}
        gateway.will(moved, answer({**held, "since": "2026-11-21T09:30:00Z"}))
        assert client.call(GetHolding(customer_id=ID)).customer.id == UUID(int=8)
        assert [got.line for got in gateway.got] == [f"GET /v1/holdings/{ID}", f"GET /v1/holdings/{UUID(int=8)}"]
        assert {got.headers["authorization"] for got in gateway.got} == {"Bearer tl_key"}

    def test_what_only_services_may_ask_is_refused_before_it_is_sent(self, gateway: BadGateway, client: Client) -> None:
        with pytest.raises(TypeError, match="DescribeUsers has no route"):
            client.call(DescribeUsers())
        assert gateway.got == []


class TestRepeats:
    @pytest.mark.parametrize(
        "trouble",
        [
            hang_up,
            BUSY,
            refuse(429, "request.too_many", Retry_After="0"),
            refuse(409, "idempotency.in_progress", Retry_After="0"),
            answer("<html>", status=502),
        ],
        ids=["no answer", "503", "429", "in progress", "502 of a proxy"],
    )
    def test_a_post_is_repeated_under_its_key_until_it_is_answered(
        self, gateway: BadGateway, client: Client, trouble: Step
    ) -> None:
        gateway.will(trouble, trouble, MADE)
        assert client.call(CreatePool(name="North")) == POOL
        assert len(gateway.keys) == 3
        assert len(set(gateway.keys)) == 1

    def test_each_call_has_a_key_of_its_own(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(MADE, MADE)
        for _ in range(2):
            client.call(CreatePool(name="North"))
        assert len({*gateway.keys} - {None}) == 2

    def test_a_get_is_repeated_too(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(hang_up, BUSY, answer({"items": [], "next_cursor": None}))
        assert client.call(ListCustomers()).items == []

    def test_retry_after_is_waited_for(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(refuse(429, "request.too_many", Retry_After="1"), MADE)
        began = time.monotonic()
        client.call(CreatePool(name="North"))
        assert time.monotonic() - began >= 1

    @pytest.mark.parametrize("request_", [CHANGE, REMOVAL], ids=["PATCH", "DELETE"])
    @pytest.mark.parametrize("trouble", [hang_up, BUSY], ids=["no answer", "503"])
    def test_a_change_is_not_repeated_when_nobody_knows_what_became_of_it(
        self, gateway: BadGateway, client: Client, request_: Request[Any], trouble: Step
    ) -> None:
        gateway.will(trouble)
        with pytest.raises(Unavailable) as refusal:
            client.call(request_)
        assert refusal.value.data["outcome"] == "unknown"
        assert len(gateway.got) == 1

    def test_a_change_is_repeated_when_it_was_surely_not_done(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(
            refuse(503, "broker.unavailable", data={"outcome": "not_done"}, Retry_After="0"),
            refuse(429, "request.too_many", Retry_After="0"),
            answer({"id": str(ID)}),
        )
        assert client.call(REMOVAL).id == ID

    @pytest.mark.parametrize(
        ("status", "code", "kind"),
        [
            (400, "cursor.invalid", InvalidInput),
            (401, "auth.invalid_token", NotPermitted),
            (403, "identity.admins_only", NotPermitted),
            (404, "customer.not_found", NotFound),
            (409, "customer.exists", Conflict),
            (412, "version.stale", Conflict),
            (422, "fields.invalid", InvalidInput),
            (500, "internal.error", Unavailable),
        ],
    )
    def test_a_refusal_is_final_and_of_its_kind(
        self, gateway: BadGateway, client: Client, status: int, code: str, kind: type[Exception]
    ) -> None:
        gateway.will(refuse(status, code))
        with pytest.raises(kind, match=code):
            client.call(GetMe())
        assert len(gateway.got) == 1


class TestDeadline:
    @pytest.mark.parametrize("slow", [hold, drip], ids=["silent", "dripping"])
    def test_a_gateway_that_never_gets_to_an_end_is_given_up_in_time(
        self, gateway: BadGateway, client: Client, slow: Callable[[threading.Event], Step]
    ) -> None:
        released = threading.Event()
        gateway.will(slow(released))
        began = time.monotonic()
        try:
            with pytest.raises(Unavailable) as refusal:
                client.call(CreatePool(name="North"), seconds=0.5)
        finally:
            released.set()
        assert time.monotonic() - began < 5
        assert (refusal.value.code, refusal.value.data["outcome"]) == ("gateway.no_answer", "unknown")

    def test_where_nobody_listens_nothing_was_done(self) -> None:
        with (
            Client(f"http://127.0.0.1:{free_port()}", token="t") as client,
            pytest.raises(Unavailable, match=r"127\.0\.0\.1:\d+ can't be reached") as refusal,
        ):
            client.call(CreatePool(name="North"), seconds=0.5)
        assert (refusal.value.code, refusal.value.data["outcome"]) == ("gateway.unreachable", "not_done")

    def test_what_an_earlier_try_may_have_done_is_not_forgotten(self, gateway: BadGateway, client: Client) -> None:
        away = refuse(503, "broker.unavailable", data={"outcome": "not_done"}, Retry_After="60")
        gateway.will(hang_up, away)
        with pytest.raises(Unavailable, match=r"broker\.unavailable") as refusal:
            client.call(CreatePool(name="North"))
        assert refusal.value.data["outcome"] == "unknown"

    def test_no_one_waits_for_a_moment_after_the_deadline(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(refuse(503, "broker.unavailable", Retry_After="60"))
        began = time.monotonic()
        with pytest.raises(Unavailable) as refusal:
            client.call(CreatePool(name="North"))
        assert time.monotonic() - began < 5
        assert refusal.value.retry_after == 60


class TestErrors:
    def test_each_tells_its_fields_and_the_id_that_logs_have_it_under(
        self, gateway: BadGateway, client: Client
    ) -> None:
        faults = [{"field": "phones.0.number", "code": "phone.invalid", "message": "is no phone"}]
        gateway.will(refuse(422, "fields.invalid", errors=faults))
        with pytest.raises(InvalidInput) as refusal:
            client.call(CreateCustomer(kind="company", name="Acme"))
        assert [fault.model_dump() for fault in refusal.value.fields] == faults
        assert refusal.value.request_id == "of-the-answer"
        assert refusal.value.__notes__ == ["X-Request-Id: of-the-answer"]

    def test_one_without_an_answer_has_the_id_that_was_sent(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(hang_up)
        with pytest.raises(Unavailable) as refusal:
            client.call(CHANGE)
        assert refusal.value.request_id == gateway.got[0].headers["x-request-id"]

    @pytest.mark.parametrize("body", [[], {"id": 1}, {"items": "none"}], ids=str)
    def test_an_answer_that_is_no_reply_is_not_asked_for_again(
        self, gateway: BadGateway, client: Client, body: object
    ) -> None:
        gateway.will(answer(body))
        with pytest.raises(Unavailable, match=r"call\.bad_reply: The answer is no Customer\."):
            client.call(GetCustomer(customer_id=ID))

    def test_a_problem_that_makes_no_sense_is_still_a_refusal(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(answer({"errors": "many", "code": None}, status=409))
        with pytest.raises(Conflict, match=r"http\.409: Answered 409 Conflict\."):
            client.call(CreatePool(name="North"))
