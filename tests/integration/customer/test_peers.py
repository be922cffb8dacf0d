"""People and pools that no event has told of yet are asked for: real processes of identity, pool and customer."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from deploy.local.suite import PROJECT, Suite

pytestmark = pytest.mark.timeout(240)  # a suite of its own is started


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of each case of tests/integration/customer/newcomer.py."""
    services = ("identity", "pool", "customer")
    with Suite(tmp_path_factory.mktemp("suite"), services=services, scale={"gateway": 0}) as suite:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.integration.customer.newcomer"],
            env={**os.environ, **suite.settings_of("cli")},
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            timeout=60,
            check=True,
        )
    cases: dict[str, Any] = json.loads(ran.stdout)
    return cases


class TestAskingPeers:
    def test_an_owner_is_asked_for_and_then_known_by_name(self, told: dict[str, Any]) -> None:
        assert told["owner"]["name"] == "Rita Reed"

    def test_an_owner_who_does_not_exist_is_refused(self, told: dict[str, Any]) -> None:
        assert told["nobody"] == "customer.unknown_owner"

    def test_a_pool_is_asked_for_and_then_known_by_name(self, told: dict[str, Any]) -> None:
        assert told["pool"]["name"] == "Open customers"

    def test_a_pool_that_does_not_exist_is_refused(self, told: dict[str, Any]) -> None:
        assert told["no pool"] == "customer.unknown_pool"

    def test_an_import_finds_owners_by_login_name_and_the_default_pool(self, told: dict[str, Any]) -> None:
        assert [one["row"] for one in told["import"]["imported"]] == [1, 2]
        assert [(one["row"], one["code"]) for one in told["import"]["refused"]] == [(3, "customer.unknown_owner")]
