"""What the gateway says of itself: the API's document, the page to read it, and how it is."""

import re
from urllib.parse import urlsplit

import pytest
from openapi_spec_validator import validate

from tests.e2e.client import Body
from tests.e2e.company import Company

_ADDRESS = re.compile(r"""(?:https?:)?//[^\s"'<>]+""")
_LOADED = re.compile(r"""(?:src|href)="([^"]+)\"""")


@pytest.fixture(scope="module")
def document(company: Company) -> Body:
    return company.stranger.get("/openapi.json")


@pytest.fixture(scope="module")
def page(company: Company) -> str:
    answer = company.stranger.ask("GET", "/docs/")
    assert answer.status_code == 200
    return answer.text


class TestOpenApi:
    def test_it_is_valid(self, document: Body) -> None:
        assert document["openapi"].startswith("3.1")
        validate(document)

    def test_every_route_of_it_is_there_and_asks_for_a_token_where_it_says_so(
        self, company: Company, document: Body
    ) -> None:
        for path, operations in document["paths"].items():
            address = re.sub(r"{\w+}", "01890000-0000-7000-8000-000000000000", path)
            for method, operation in operations.items():
                status = company.stranger.status(method.upper(), address)
                expected = {"401"} if operation.get("security") != [] else operation["responses"].keys()
                assert str(status) in expected, f"{method.upper()} {path} was answered {status}"


class TestDocs:
    def test_the_page_needs_no_other_host(self, company: Company, page: str) -> None:
        ours = urlsplit(company.suite.gateway_url).netloc
        hosts = {urlsplit(address).netloc for address in _ADDRESS.findall(_without_comments(page))}
        assert hosts <= {ours}
        assert '"validatorUrl": null' in page

    def test_all_that_it_loads_is_there(self, company: Company, page: str) -> None:
        loaded = _LOADED.findall(page)
        assert any(address.endswith(".js") for address in loaded)
        for address in loaded:
            assert company.stranger.status("GET", address) == 200


class TestHealth:
    def test_it_is_alive_and_ready_and_names_the_services(self, company: Company) -> None:
        assert company.stranger.get("/healthz") == {"status": "alive"}
        services = company.stranger.get("/readyz")["services"]
        names = ("identity", "customer", "pool", "opportunity", "activity", "notify")
        assert services == dict.fromkeys(names, "ok")

    def test_stopped_and_started_again_the_gateway_serves_its_callers_as_before(self, company: Company) -> None:
        company.suite["gateway"].stop()
        exit_code = company.suite["gateway"].exit_code
        company.suite.start("gateway")
        assert exit_code == 0
        assert company.admin.get("/v1/me")["id"] == company.admin.id

    def test_prometheus_finds_what_was_answered(self, company: Company) -> None:
        company.admin.get("/v1/me")
        answer = company.stranger.ask("GET", "/metrics")
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert re.search(r'^crm_http_answered_seconds_count{.*route="/v1/me",status="200"} ', answer.text, re.MULTILINE)


def _without_comments(page: str) -> str:
    return re.sub(r"<!--.*?-->|(?<=\s)//.*", "", page)
