"""RPC between real processes over the real broker."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from nameko.exceptions import RemoteError
from nameko.standalone.rpc import ClusterRpcProxy

from deploy.local.processes import Process
from deploy.local.waiting import wait_until
from servicekit.tokens import Signer
from tests.integration.rpc.conftest import Scenario, StartScenario

pytestmark = pytest.mark.usefixtures("echo")


class TestCall:
    def test_replies_are_typed_and_the_callers_name_and_request_id_travel(self, run: Scenario) -> None:
        reply = run("echo")["reply"]
        assert reply["text"] == "żółć 有限公司"
        assert reply["caller"] == "caller"
        assert reply["request_id"].startswith("cli-")

    def test_twenty_slow_queries_of_one_process_overlap(self, run: Scenario) -> None:
        seen = run("at_once")
        assert seen["reply"] == 20
        assert seen["seconds"] < 3, "one after the other they would take ten seconds"

    def test_a_service_that_does_not_exist_is_told_at_once(self, run: Scenario) -> None:
        seen = run("nobody")
        assert seen["error"]["code"] == "service.unavailable"
        assert seen["error"]["data"]["outcome"] == "not_done"
        assert seen["seconds"] < 0.5

    def test_an_error_arrives_with_all_its_parts(self, run: Scenario) -> None:
        assert run("refused")["error"] == {
            "kind": "Conflict",
            "code": "echo.busy",
            "detail": "Not now.",
            "fields": [],
            "data": {"until": [1, {"deep": None}]},
            "retry_after": 3.5,
        }

    def test_a_bad_field_is_named(self, run: Scenario) -> None:
        error = run("bad_field")["error"]
        assert error["kind"] == "InvalidInput"
        assert [fault["field"] for fault in error["fields"]] == ["seconds"]


class TestDeadline:
    def test_the_caller_hears_in_time_that_the_outcome_is_unknown(self, run: Scenario) -> None:
        seen = run("late")
        assert seen["error"]["code"] == "call.timed_out"
        assert seen["error"]["data"]["outcome"] == "unknown"
        assert seen["seconds"] < 1

    def test_a_request_whose_caller_has_gone_is_not_done(self, run: Scenario) -> None:
        assert run("starved")["reply"] == {"told": "call.timed_out", "rows": "0"}

    def test_the_deadline_of_the_work_in_hand_bounds_its_calls(self, run: Scenario) -> None:
        seen = run("under_a_deadline")
        assert seen["error"]["code"] == "call.timed_out"
        assert seen["seconds"] < 1


class TestTransaction:
    def test_a_method_that_fails_leaves_nothing(self, run: Scenario) -> None:
        assert run("rolled_back")["reply"] == {"told": "internal.error", "rows": "0"}

    def test_what_a_reply_tells_of_is_committed(self, run: Scenario) -> None:
        assert run("committed")["reply"] == ["1"] * 100


class TestCaller:
    def test_a_call_without_a_token_is_refused(self, run: Scenario) -> None:
        assert run("unsigned")["error"]["code"] == "auth.required"

    def test_a_forged_token_is_refused(self, run: Scenario) -> None:
        assert run("forged")["error"]["code"] == "auth.invalid_token"


class TestLog:
    def test_a_request_and_its_failure_stand_in_the_services_log_under_the_requests_id(
        self, run: Scenario, echo: Process
    ) -> None:
        request_id = run("failed")["reply"]
        lines = [json.loads(line) for line in echo.last_words().splitlines()[1:]]
        told = [line["event"] for line in lines if line.get("request_id") == request_id]
        assert told == ["rpc failed", "rpc answered"]


class TestUnmodifiedNameko:
    """nameko's own client, as it comes."""

    def test_calls_a_method(self, environment: Mapping[str, str]) -> None:
        with self._proxy(environment) as rpc:
            assert rpc.echo.echo(text="from afar")["text"] == "from afar"

    def test_gets_errors_as_its_own_kind(self, environment: Mapping[str, str]) -> None:
        with self._proxy(environment) as rpc, pytest.raises(RemoteError, match=r"echo\.busy: Not now"):
            rpc.echo.refuse()

    def test_learns_of_an_unknown_method(self, environment: Mapping[str, str]) -> None:
        with self._proxy(environment) as rpc, pytest.raises(RemoteError, match="no RPC sing"):
            rpc.echo.sing()

    def _proxy(self, environment: Mapping[str, str]) -> Any:
        token = Signer(Path(environment["CRM_SIGNING_KEY_FILE"])).system_token()
        return ClusterRpcProxy({"AMQP_URI": environment["CRM_AMQP_URL"]}, context_data={"caller": token}, timeout=10)


class TestStop:
    def test_sigterm_lets_work_in_hand_finish(
        self, start_echo: Callable[[], Process], environment: Mapping[str, str], start_scenario: StartScenario
    ) -> None:
        """Two processes share twenty long calls; one is stopped amid them; every call is answered."""
        second = start_echo()
        calling = start_scenario("long_calls")
        wait_until(lambda: _sleeping(environment) == 20, limit=20, otherwise="the calls do not arrive")
        second.stop()
        output, _ = calling.communicate(timeout=60)
        assert json.loads(output)["reply"] == 20
        assert second.exit_code == 0


def _sleeping(environment: Mapping[str, str]) -> int:
    """How many long calls are being worked on, over all processes."""
    with psycopg2.connect(f"{environment['CRM_DATABASE_URL']}_echo") as connection:
        cursor = connection.cursor()
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'crm echo' AND state = 'active' AND query LIKE '%pg_sleep%'"
        )
        (count,) = cursor.fetchone() or (0,)
    connection.close()
    return int(count)
