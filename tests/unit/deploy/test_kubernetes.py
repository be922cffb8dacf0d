"""The Kubernetes manifests: complete for every service, each process with its own image and its own key."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.scale import GATEWAY, SERVICES

MANIFESTS = Path(__file__).parents[3] / "deploy" / "kubernetes"
PROCESSES = (*SERVICES, GATEWAY)


def read(*path: str) -> Any:
    return yaml.safe_load(MANIFESTS.joinpath(*path).read_text())


class TestProcesses:
    def test_every_part_is_deployed(self) -> None:
        assert set(read("kustomization.yaml")["resources"]) == set(PROCESSES)

    @pytest.mark.parametrize("name", PROCESSES)
    def test_each_has_its_own_name_and_image(self, name: str) -> None:
        part = read(name, "kustomization.yaml")
        assert part["namePrefix"] == f"{name}-"
        assert part["labels"][0]["pairs"] == {"app.kubernetes.io/component": name}
        assert part["images"][0]["newName"] == f"tideline/{name}"

    @pytest.mark.parametrize("name", PROCESSES)
    def test_each_is_given_its_own_key_alone(self, name: str) -> None:
        patch, *_ = yaml.safe_load(read(name, "kustomization.yaml")["patches"][0]["patch"])
        assert patch["value"] == {"key": f"{name}.pem", "path": f"{name}.pem"}
        volumes = read("service", "deployment.yaml")["spec"]["template"]["spec"]["volumes"]
        assert volumes[0]["secret"]["items"] == [{"key": "trusted.json", "path": "trusted.json"}]


class TestPrepare:
    def test_every_service_is_prepared_by_the_image_that_then_runs(self) -> None:
        containers = read("prepare", "job.yaml")["spec"]["template"]["spec"]["containers"]
        prepared = {each["image"]: each["command"] for each in containers}
        assert prepared == {_image(name): ["python", "-m", "servicekit.prepare", name] for name in SERVICES}


def _image(name: str) -> str:
    image = read(name, "kustomization.yaml")["images"][0]
    return f"{image['newName']}:{image['newTag']}"
