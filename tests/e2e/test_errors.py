"""What a caller does wrong is told clearly, by the right status, and changes nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.local.suite import Suite
from servicekit.tokens import Signer
from tests.e2e.client import Body, eventually
from tests.e2e.company import Company, new_customer

JSON = {"Content-Type": "application/json"}
CUSTOMERS = "/v1/customers"
UNKNOWN = "01890000-0000-7000-8000-000000000000"
MOST_BYTES = 2_000_000


def in_pieces(body: bytes) -> Iterator[bytes]:
    """A body that httpx sends chunked, without telling its length."""
    half = len(body) // 2
    yield body[:half]
    yield body[half:]


def refused(company: Company, body: bytes) -> Body:
    """How a customer with this body is refused."""
    return company.admin.refusal("POST", CUSTOMERS, content=body, headers=JSON)


class TestBody:
    @pytest.mark.parametrize(
        "body",
        [
            b'{"kind": "company", ',
            b"\xff\xfe",
            b'["company"]',
            b'"company"',
            b'{"kind": "company", "name": "half \\ud800 character"}',
            b'{"kind": "company", "name": "x", "size": NaN}',
            b'{"kind": "company", "name": "x", "note": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        ],
        ids=["cut off", "no UTF-8", "a list", "a text", "lone surrogate", "not a number", "nested deeply"],
    )
    def test_what_is_no_json_object_is_400(self, company: Company, body: bytes) -> None:
        problem = refused(company, body)
        assert (problem["status"], problem["code"]) == (400, "request.malformed")

    @pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "text/plain", ""])
    def test_another_media_type_is_415(self, company: Company, media_type: str) -> None:
        problem = company.admin.refusal(
            "POST", CUSTOMERS, content=b'{"kind": "company"}', headers={"Content-Type": media_type}
        )
        assert (problem["status"], problem["code"]) == (415, "request.media_type")

    def test_one_in_chunks_is_read_like_any_other(self, company: Company) -> None:
        body = json.dumps(new_customer("Piecemeal")).encode()
        made = company.admin.ask("POST", CUSTOMERS, content=in_pieces(body), headers=JSON)
        assert (made.status_code, made.json()["name"]) == (201, json.loads(body)["name"])

    @pytest.mark.parametrize("pieces", [bytes, in_pieces], ids=["at once", "in chunks"])
    def test_one_that_is_too_large_is_413(self, company: Company, pieces: Any) -> None:
        body = b'{"kind": "company", "name": "x", "note": "' + b"x" * MOST_BYTES + b'"}'
        assert company.admin.refusal("POST", CUSTOMERS, content=pieces(body), headers=JSON)["status"] == 413


class TestFields:
    @pytest.mark.parametrize(
        ("fields", "named"),
        [
            ({"colour": "red"}, "colour"),
            ({"phones": [{"number": "+48 22 555 01 99", "extension": "7"}]}, "phones.0.extension"),
            ({"name": ""}, "name"),
            ({"name": "N" * 201}, "name"),
            ({"name": "null\x00byte"}, "name"),
            ({"note": "null\x00byte"}, "note"),
            ({"tags": ["fine", "null\x00byte"]}, "tags.1"),
            ({"size": -1}, "size"),
            ({"size": 10**30}, "size"),
            ({"size": 1.5}, "size"),
            ({"size": "many"}, "size"),
            ({"founded_in": 99999}, "founded_in"),
            ({"phones": [{"number": "call me"}]}, "phones.0.number"),
            ({"emails": [{"address": "nobody"}]}, "emails.0.address"),
            ({"level": "first"}, "level"),
            ({"lifecycle": "friend"}, "lifecycle"),
            ({"owner_id": "me"}, "owner_id"),
            ({"phones": [{"number": "1"}] * 21}, "phones"),
        ],
    )
    def test_each_that_is_wrong_is_named_with_422(self, company: Company, fields: Body, named: str) -> None:
        problem = company.admin.refusal("POST", CUSTOMERS, json=new_customer("Faulty") | fields)
        assert problem["status"] == 422
        assert named in [fault["field"] for fault in problem["errors"]]
        assert all(fault["message"] for fault in problem["errors"])

    def test_all_that_are_wrong_are_named_at_once(self, company: Company) -> None:
        problem = refused(company, b'{"kind": "robot", "colour": "red", "size": "many"}')
        assert {fault["field"] for fault in problem["errors"]} == {"kind", "name", "colour", "size"}

    @pytest.mark.parametrize("number", ["1e400", "-1e400", "1" * 5000, "1e308", "99999999999999999999"])
    @pytest.mark.parametrize("written", ["{}", '"{}"'], ids=["as a number", "as a text"])
    def test_a_huge_number_is_refused(self, company: Company, number: str, written: str) -> None:
        body = f'{{"name": "Huge", "price": {{"amount": {written.format(number)}, "currency": "USD"}}}}'
        problem = company.admin.refusal("POST", "/v1/products", content=body.encode(), headers=JSON)
        assert problem["status"] in {400, 422}

    def test_what_looks_like_sql_or_a_formula_is_kept_as_it_is(self, company: Company) -> None:
        for name in (
            "Robert'); DROP TABLE customers;--",
            "=cmd|' /C calc'!A0",
            "<script>alert(1)</script>",
            "%s %(x)s",
        ):
            made = company.admin.post(CUSTOMERS, {"kind": "company", "name": name})
            assert made["name"] == name
            assert made["id"] in [each["id"] for each in company.admin.get(CUSTOMERS, q=name)["items"]]


class TestQuery:
    @pytest.mark.parametrize(
        ("query", "named"),
        [
            ("colour=red", "colour"),
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=99999999999999999999", "limit"),
            ("limit=ten", "limit"),
            ("limit=1&limit=2", "limit"),
            ("sort=colour", "sort"),
            ("owner_id=42", "owner_id"),
            ("q=null%00byte", "q"),
            ("updated_since=yesterday", "updated_since"),
        ],
    )
    def test_a_wrong_parameter_is_named_with_422(self, company: Company, query: str, named: str) -> None:
        problem = company.admin.refusal("GET", f"{CUSTOMERS}?{query}")
        assert (problem["status"], problem["errors"][0]["field"]) == (422, named)

    @pytest.mark.parametrize("cursor", ["x", "%00", "W10", "WyJhIiwgImIiXQ", "W1tbW1s", "é"])
    @pytest.mark.parametrize("path", [CUSTOMERS, "/v1/opportunities", "/v1/holdings", "/v1/notices", "/v1/users"])
    def test_a_cursor_of_the_callers_own_making_is_400(self, company: Company, path: str, cursor: str) -> None:
        problem = company.admin.refusal("GET", f"{path}?cursor={cursor}")
        assert (problem["status"], problem["code"]) == (400, "cursor.invalid")

    def test_half_a_character_finds_nothing(self, company: Company) -> None:
        assert company.admin.get(f"{CUSTOMERS}?q=%ED%A0%80%ED%A0%80")["items"] == []


class TestAddress:
    @pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", f"/v1/customers/{UNKNOWN}/nothing"])
    def test_one_that_is_none_is_404(self, company: Company, path: str) -> None:
        assert company.admin.refusal("GET", path)["status"] == 404
        assert company.stranger.refusal("GET", path)["status"] == 404

    @pytest.mark.parametrize("word", ["42", "me", "%00", f"{UNKNOWN}x", "..%2Fusers"])
    @pytest.mark.parametrize(
        "path", ["/v1/customers/{}", "/v1/customers/{}/360", "/v1/opportunities/{}", "/v1/users/{}"]
    )
    def test_one_with_a_word_where_an_id_belongs_is_404(self, company: Company, path: str, word: str) -> None:
        assert company.admin.refusal("GET", path.format(word))["status"] == 404

    @pytest.mark.parametrize(
        "path", ["/v1/customers/{}", "/v1/opportunities/{}", "/v1/activities/{}", "/v1/users/{}", "/v1/holdings/{}"]
    )
    def test_one_of_a_record_that_is_not_there_is_404(self, company: Company, path: str) -> None:
        problem = company.admin.refusal("GET", path.format(UNKNOWN))
        assert problem["status"] == 404
        assert problem["code"].endswith(".not_found")

    @pytest.mark.parametrize(("method", "path"), [("PUT", CUSTOMERS), ("DELETE", "/v1/pools"), ("POST", "/v1/me")])
    def test_a_method_that_it_does_not_take_is_405_and_those_it_takes_are_told(
        self, company: Company, method: str, path: str
    ) -> None:
        assert company.admin.refusal(method, path)["status"] == 405
        assert "GET" in company.admin.ask(method, path).headers["Allow"]


class TestPrecondition:
    @pytest.mark.parametrize("tag", ["*", "1", '"one"', 'W/"1', '"1", "2"'])
    def test_a_tag_that_this_api_never_gave_is_400(self, company: Company, tag: str) -> None:
        made = company.admin.post(CUSTOMERS, new_customer("Tagged"))
        path = f"{CUSTOMERS}/{made['id']}"
        problem = company.admin.refusal("PATCH", path, json={"level": "A"}, headers={"If-Match": tag})
        assert (problem["status"], problem["code"]) == (400, "request.malformed")


class TestCaller:
    def test_nobody_in_particular_is_asked_for_a_token(self, company: Company) -> None:
        for headers in ({}, {"Authorization": "Basic YWRtaW46YWRtaW4="}, {"Authorization": "Bearer"}):
            answer = company.stranger.ask("GET", CUSTOMERS, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "auth.required")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_a_forged_token_is_refused(self, suite: Suite, company: Company) -> None:
        header, claims, signature = company.admin.token.split(".")
        none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoiaWRlbnRpdHkifQ"
        gateways = Signer(suite.folder / "keys" / "gateway.pem")
        person = {"sub": company.admin.id, "name": "Administrator", "role": "admin"}
        forged = [
            "x",
            "a.b.c",
            f"{header}.{claims}.{signature[::-1]}",
            f"{header}.{claims}.",
            f"{none}.{claims}.",
            gateways.sign(person, seconds=60),
            gateways.sign({**person, "iss": "identity"}, seconds=60),
        ]
        for token in forged:
            answer = company.stranger.ask("GET", CUSTOMERS, headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.json()["code"]) == (401, "auth.invalid_token")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


class TestRequestId:
    def test_the_callers_own_is_echoed_and_stands_in_the_logs_of_the_gateway_and_the_service(
        self, suite: Suite, company: Company
    ) -> None:
        answer = company.admin.ask("GET", "/v1/products", headers={"X-Request-Id": "a-callers-own.1"})
        assert answer.headers["X-Request-Id"] == "a-callers-own.1"
        eventually(lambda: logged(suite, "gateway", "a-callers-own.1"))
        (line,) = logged(suite, "opportunity", "a-callers-own.1")
        assert (line["method"], line["outcome"]) == ("opportunity.list_products", "ok")

    def test_without_one_or_with_a_bad_one_each_request_gets_its_own(self, suite: Suite, company: Company) -> None:
        given = [
            company.admin.ask("GET", "/v1/me", headers=headers).headers["X-Request-Id"]
            for headers in ({}, {"X-Request-Id": "line\tbreak"}, {"X-Request-Id": "x" * 81})
        ]
        assert len(set(given)) == 3
        eventually(lambda: all(logged(suite, "identity", request_id) for request_id in given))


def logged(suite: Suite, process: str, request_id: str) -> list[Body]:
    lines = (suite.folder / "logs" / f"{process}.log").read_text().splitlines()
    return [json.loads(line) for line in lines if f'"{request_id}"' in line]
