"""docker-compose.yml and what it stands on: complete for every service, safe to scale, and true to the settings."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from deploy.local.scale import GATEWAY, SERVICES
from gateway.settings import GatewaySettings
from servicekit.company import CompanySettings
from servicekit.settings import Settings
from services.identity.settings import OpenIdSettings

PROJECT = Path(__file__).parents[3]
COMPOSE = PROJECT / "docker-compose.yml"
PROCESSES = (*SERVICES, GATEWAY)
PREPARED = {"keys", *(f"prepare-{name}" for name in SERVICES)}
# What the command line alone reads.
_TOOLS_ALONE = {
    *("CRM_URL", "CRM_DATA_DIR", "CRM_RABBITMQ_API_URL", "CRM_AMQP_PUBLIC_ADDRESS"),
    *("CRM_SUBSCRIBER_QUEUE_LENGTH", "CRM_SUBSCRIBER_QUEUE_DAYS"),
}

SETTINGS = (Settings, CompanySettings, GatewaySettings, OpenIdSettings)

Containers = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def containers() -> Containers:
    """What compose starts, by name."""
    services: Containers = yaml.safe_load(COMPOSE.read_text())["services"]
    return services


class TestProcesses:
    @pytest.mark.parametrize("name", PROCESSES)
    def test_each_part_runs_from_its_own_image(self, containers: Containers, name: str) -> None:
        assert containers[name]["build"]["args"] == {"SERVICE": name}
        assert containers[name]["image"].startswith(f"tideline/{name}:")

    @pytest.mark.parametrize("name", PROCESSES)
    def test_nobody_starts_before_all_queues_are_there(self, containers: Containers, name: str) -> None:
        awaited = containers[name]["depends_on"]
        assert awaited == {each: {"condition": "service_completed_successfully"} for each in PREPARED}

    @pytest.mark.parametrize("name", SERVICES)
    def test_each_service_is_prepared_by_its_own_image(self, containers: Containers, name: str) -> None:
        preparing = containers[f"prepare-{name}"]
        assert preparing["image"] == containers[name]["image"]
        assert preparing["command"] == ["python", "-m", "servicekit.prepare", name]

    @pytest.mark.parametrize("name", PROCESSES)
    def test_any_number_of_each_can_run(self, containers: Containers, name: str) -> None:
        assert "container_name" not in containers[name]
        assert ("ports" in containers[name]) == (name == GATEWAY)

    @pytest.mark.parametrize("name", PROCESSES)
    def test_each_comes_back_by_itself_and_can_take_only_its_share(self, containers: Containers, name: str) -> None:
        assert containers[name]["restart"] == "unless-stopped"
        assert {"mem_limit", "pids_limit", "logging"} <= containers[name].keys()

    @pytest.mark.parametrize("name", PROCESSES)
    def test_work_in_hand_is_finished_before_a_container_is_killed(self, containers: Containers, name: str) -> None:
        assert float(containers[name]["stop_grace_period"].removesuffix("s")) > Settings().grace_seconds

    def test_the_gateway_has_no_way_to_the_databases(self, containers: Containers) -> None:
        assert "CRM_DATABASE_URL" not in containers[GATEWAY]["environment"]
        assert not set(containers[GATEWAY]["networks"]) & set(containers["postgres"]["networks"])


class TestKeys:
    def test_each_process_can_read_its_own_key_alone(self, containers: Containers) -> None:
        owners = dict(re.findall(r"\b(\w+):(\d+)\b", containers["keys"]["command"][-1]))
        users = {name: containers[name]["user"] for name in PROCESSES} | {"cli": containers["crm"]["user"]}
        assert owners == users
        assert len(set(users.values())) == len(users)

    @pytest.mark.parametrize("name", PROCESSES)
    def test_each_process_signs_with_the_key_of_its_name(self, containers: Containers, name: str) -> None:
        assert containers[name]["environment"]["CRM_SIGNING_KEY_FILE"] == f"/keys/{name}.pem"


class TestSettings:
    def test_every_variable_of_ours_is_one_that_a_process_reads(self, containers: Containers) -> None:
        given = {name for each in containers.values() for name in each.get("environment", {}) if name[:4] == "CRM_"}
        assert given - _TOOLS_ALONE <= set().union(*(_variables(each) for each in SETTINGS))

    def test_the_example_names_each_variable_with_its_default(self) -> None:
        used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE.read_text()))
        lines = (PROJECT / ".env.example").read_text().splitlines()
        assert dict(line.split("=", 1) for line in lines if line[:1] != "#") == used

    def test_no_variable_is_without_a_default(self) -> None:
        assert re.findall(r"(?<!\$)\$\{?\w+(?!\w|:-)", COMPOSE.read_text()) == []


def _variables(settings: type[BaseSettings]) -> set[str]:
    return {f"{settings.model_config['env_prefix']}{name.upper()}" for name in settings.model_fields}
