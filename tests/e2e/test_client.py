"""The Python client on the suite: typed replies, whole lists, refusals, and a gateway that dies under its calls."""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import assert_type
from uuid import UUID, uuid4

import pytest

from contracts.customer.customers import (
    CreateCustomer,
    Customer,
    CustomerChanges,
    GetCustomer,
    ListCustomers,
    Phone,
    UpdateCustomer,
)
from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.identity.api_keys import CreateApiKey
from contracts.identity.sessions import ListMySessions
from contracts.opportunity.products import ListProducts
from contracts.pool.pools import DEFAULT_POOL_ID, CreatePool
from contracts.scopes import Scope
from deploy.local.suite import PROJECT
from servicekit.testing import refused
from tests.e2e.client import Person, eventually
from tests.e2e.company import PASSWORD, Company
from tideline_client import Client
from tideline_client.credentials import SignedIn
from tideline_client.sender import Sender

_FOLDER = PROJECT / "clients" / "python"
_WRITERS = 4
_WRITES = 8
_SECONDS = 90.0
"""How long a call may wait for a gateway that starts anew on a busy machine."""


@pytest.fixture(scope="module")
def rep(company: Company) -> Iterator[Person]:
    with company.hire("Clara Client") as rep:
        yield rep


def names(rep: Person, fragment: str) -> Counter[str]:
    """The names of the rep's customers that hold this fragment, and how often each is there."""
    return Counter(customer.name for customer in rep.client.pages(ListCustomers(q=fragment, limit=7)))


class TestReadme:
    def test_its_first_example_runs_as_written(self, company: Company, tmp_path: Path) -> None:
        with company.hire("Rita Reader") as reader:
            ran = run_readme(tmp_path, CRM_URL=reader.url, CRM_NAME=reader.name, CRM_PASSWORD=PASSWORD)
        assert ran.returncode == 0, ran.stderr
        level, refusal, *names = ran.stdout.splitlines()
        assert level == "A"
        assert "Acme Trading" in names  # the pool may hold others of this name
        assert re.fullmatch(r"version\.stale [0-9a-f-]{36}", refusal)


class TestCall:
    def test_the_reply_is_that_of_the_request(self, rep: Person) -> None:
        made = rep.client.call(CreateCustomer(kind="company", name="Typed"))
        assert_type(made, Customer)
        assert rep.client.call(GetCustomer(customer_id=made.id)) == made

    def test_a_change_of_a_stale_version_is_refused_and_the_earlier_one_stays(self, rep: Person) -> None:
        made = rep.client.call(CreateCustomer(kind="company", name="Changed"))
        first, second = (
            UpdateCustomer(customer_id=made.id, version=made.version, changes=CustomerChanges(note=note))
            for note in ("the first", "the second")
        )
        rep.client.call(first)
        with refused(Conflict, "version.stale"):
            rep.client.call(second)
        assert rep.client.call(GetCustomer(customer_id=made.id)).note == "the first"

    def test_null_clears_a_field_and_one_that_is_left_out_stays(self, rep: Person) -> None:
        made = rep.client.call(CreateCustomer(kind="company", name="Cleared", level="A", industry="trade"))
        changes = CustomerChanges(industry=None)
        cleared = rep.client.call(UpdateCustomer(customer_id=made.id, version=made.version, changes=changes))
        assert (cleared.level, cleared.industry) == ("A", None)

    def test_a_faulty_field_is_named(self, rep: Person) -> None:
        with pytest.raises(InvalidInput) as refusal:
            rep.client.call(CreateCustomer(kind="company", name="Faulty", phones=[Phone(number="twelve")]))
        assert [fault.code for fault in refusal.value.fields] == ["phone.invalid"]

    def test_what_the_caller_may_not_see_or_do_is_refused_by_its_kind(self, rep: Person) -> None:
        with refused(NotFound, "customer.not_found"):
            rep.client.call(GetCustomer(customer_id=UUID(int=7)))
        with refused(NotPermitted, "pool.admins_only"):
            rep.client.call(CreatePool(name="Mine"))

    def test_a_refusals_id_is_found_in_the_gateways_log(self, company: Company, rep: Person) -> None:
        with pytest.raises(NotFound) as refusal:
            rep.client.call(GetCustomer(customer_id=UUID(int=7)))
        log = company.suite.log_of("gateway")
        eventually(lambda: refusal.value.request_id in log.read_text())


class TestSignIn:
    def test_a_refused_token_is_renewed_within_the_session_that_the_password_began(self, company: Company) -> None:
        with company.hire("Sol Session") as person, closing(Sender(person.url)) as sender:
            signed_in, until = SignedIn(sender, person.name, PASSWORD), time.monotonic() + _SECONDS
            first = signed_in.token(until=until)
            begun = {each.id for each in person.call(ListMySessions()).items}
            with Client(person.url, token=signed_in.token(until=until, refused=first)) as client:
                assert {each.id for each in client.call(ListMySessions()).items} == begun


class TestApiKey:
    def test_a_program_does_what_its_key_is_for_and_nothing_else(self, company: Company) -> None:
        wanted = CreateApiKey(name=f"client {uuid4()}", scopes=[Scope.CUSTOMER_READ, Scope.CUSTOMER_WRITE])
        with Client(company.admin.url, api_key=company.admin.call(wanted).key) as program:
            made = program.call(CreateCustomer(kind="company", name="Made by a program", pool_id=DEFAULT_POOL_ID))
            assert program.call(GetCustomer(customer_id=made.id)).name == "Made by a program"
            with refused(NotPermitted, "auth.scope_missing"):
                program.call(ListProducts())


class TestPages:
    def test_small_pages_give_every_customer_once(self, company: Company) -> None:
        in_small_pages = [each.id for each in company.admin.client.pages(ListCustomers(limit=7))]
        assert in_small_pages == [each.id for each in company.admin.client.pages(ListCustomers(limit=200))]
        assert len(set(in_small_pages)) == len(in_small_pages) >= 85


class TestGatewayThatDies:
    def test_each_write_under_way_is_done_once(self, company: Company, rep: Person) -> None:
        written, numbers = Counter[str](), count(1)
        mark = uuid4().hex

        def write() -> None:
            for _ in range(_WRITES):
                wanted = CreateCustomer(kind="company", name=f"{mark} {next(numbers)}")
                written[rep.client.call(wanted, seconds=_SECONDS).name] += 1

        with ThreadPoolExecutor(_WRITERS) as threads:
            writers = [threads.submit(write) for _ in range(_WRITERS)]
            eventually(lambda: len(written) >= _WRITERS)
            company.suite["gateway"].kill()
            company.suite.start("gateway")
            for writer in writers:
                writer.result()
        assert len(written) == _WRITERS * _WRITES
        assert names(rep, mark) == written

    def test_the_live_stream_goes_on_without_a_hole(self, company: Company, rep: Person) -> None:
        places = company.admin.get("/v1/events", limit=1, since="2200-01-01T00:00:00Z")["next_cursor"]
        with closing(company.admin.client.listen("customer.created", after=places)) as stream:
            for restart in (True, False):
                made = rep.client.call(CreateCustomer(kind="company", name="Heard"))
                assert next(each for each in stream if each.event["subject"] == str(made.id)).cursor
                if restart:
                    company.suite["gateway"].kill()
                    company.suite.start("gateway")


def run_readme(folder: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    """How the README's first program ends, and what it prints."""
    (program,) = re.findall(r"^```python\n(import os\n.*?)^```", (_FOLDER / "README.md").read_text(), re.M | re.S)
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={"PYTHONPATH": os.pathsep.join([str(PROJECT), str(_FOLDER)]), **settings},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
