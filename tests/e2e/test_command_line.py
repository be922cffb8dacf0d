"""The `crm` command over a running suite, as an operator types it."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from deploy.local.suite import Suite
from servicekit.clock import Clock
from tests.e2e.client import Api
from tests.e2e.company import Company
from tests.e2e.crm import Crm


class TestStatus:
    def test_every_process_is_ready(self, suite: Suite, crm: Crm) -> None:
        told = crm("status")
        assert all(name in told for name in suite.processes)
        assert told.count("ready") == len(suite.processes)

    def test_programs_read_it_as_json(self, suite: Suite, crm: Crm) -> None:
        told = json.loads(crm("status", "--json"))
        assert told == {name: {"state": "ready", "detail": ""} for name in suite.processes}

    def test_a_process_that_is_down_is_named_and_the_exit_code_tells(self, suite: Suite, crm: Crm) -> None:
        suite["notify"].stop()
        try:
            told = crm.run("status", "--json")
        finally:
            suite.start("notify")
        assert told.returncode == 1
        states = {name: state["state"] for name, state in json.loads(told.stdout).items()}
        assert states == {**dict.fromkeys(suite.processes, "ready"), "notify": "down"}


class TestToken:
    def test_it_prints_one_that_the_api_takes(self, company: Company, crm: Crm) -> None:
        with Api(company.suite.gateway_url, token=crm("token", "admin")) as admin:
            assert admin.get("/v1/me")["id"] == company.admin.id

    def test_an_unknown_name_is_one_line_and_not_a_traceback(self, crm: Crm) -> None:
        told = crm.run("token", "nobody.at.all")
        assert (told.returncode, told.stdout) == (1, "")
        assert told.stderr.strip() == "There is no such user."


class TestClock:
    def test_show_prints_the_suites_time(self, crm: Crm, clock: Clock) -> None:
        before = clock.now().replace(microsecond=0)
        shown = datetime.fromisoformat(crm("clock", "show").split()[0])
        assert before <= shown <= clock.now()

    def test_advance_moves_it_for_every_process(self, company: Company, crm: Crm, clock: Clock) -> None:
        before = clock.now()
        crm("clock", "advance", "2h")
        made = company.admin.post("/v1/customers", {"kind": "person", "name": "Made Later"})
        assert datetime.fromisoformat(made["created_at"]) >= before + timedelta(hours=2)

    def test_a_step_that_is_none_is_refused_with_an_example(self, crm: Crm) -> None:
        told = crm.run("clock", "advance", "tomorrow")
        assert told.returncode == 2
        assert "3d" in told.stderr


class TestNoSuite:
    def test_the_way_to_start_one_is_named(self, tmp_path: Path) -> None:
        for command in (("status",), ("token", "admin")):
            told = Crm(tmp_path).run(*command)
            assert (told.returncode, told.stderr.strip()) == (1, "No suite runs here. Start one with: make run")
