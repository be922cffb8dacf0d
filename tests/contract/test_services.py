"""What a service consists of: one test per rule, and each failure says what a newcomer still has to add, and where."""

import configparser
import re
import tomllib
from typing import Any

import pytest
import yaml

from contracts import operations
from deploy.docs.catalogue import ROOT, services
from deploy.local.scale import SERVICES

EVERY_SERVICE = pytest.mark.parametrize("service", services())
RULES = "rules and contracts are plain values"
LAYERS = "service -> operations -> (queries | peers) -> (models | rules)"
INDEPENDENCE = "services never import each other"


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def import_rule(name: str) -> dict[str, Any]:
    """An import-linter contract of pyproject.toml."""
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    found: dict[str, Any] = next(contract for contract in contracts if contract["name"] == name)
    return found


def compose() -> dict[str, Any]:
    whole: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return whole


def packages_of(group: str) -> set[str]:
    """The packages that a dependency group asks for, included groups' as well."""
    names: set[str] = set()
    for entry in pyproject()["dependency-groups"][group]:
        if isinstance(entry, str):
            names.add(re.split(r"[\[<>=~!; ]", entry)[0].lower())
        else:
            names |= packages_of(entry["include-group"])
    return names


@EVERY_SERVICE
class TestFiles:
    @pytest.mark.parametrize("name", ["__init__.py", "README.md", "migrations"])
    def test_every_service_has_the_same_set(self, service: str, name: str) -> None:
        assert (ROOT / "services" / service / name).exists(), (
            f"services/{service}/{name} is missing. Every service has it; ARCHITECTURE.md says what belongs there."
        )

    @pytest.mark.parametrize("role", ["service", "models", "operations", "queries", "rules"])
    def test_each_role_is_a_file_or_a_folder_of_its_name(self, service: str, role: str) -> None:
        folder = ROOT / "services" / service
        found = [name for name in (f"{role}.py", f"{role}/__init__.py") if (folder / name).exists()]
        assert len(found) == 1, (
            f"services/{service} needs {role}.py, or once that is too long a folder {role}/ with an __init__.py and "
            f"one file per aggregate; there is {' and '.join(found) or 'neither'}."
        )

    def test_settings_have_their_file_or_the_readme_says_that_there_are_none(self, service: str) -> None:
        folder = ROOT / "services" / service
        readme = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("README.md"))
        has_none = re.search(r"none of its own|no settings of its own", readme, re.IGNORECASE)
        assert (folder / "settings.py").exists() or has_none, (
            f"services/{service} has no settings.py. If it has no settings of its own, its README.md says so: 'None of "
            "its own.' under '## Settings'."
        )

    def test_there_is_a_first_migration(self, service: str) -> None:
        assert list((ROOT / "services" / service / "migrations").glob("0001_*.py")), (
            f"services/{service}/migrations has no 0001_….py: nothing would make the service's tables."
        )

    def test_there_is_a_contract(self, service: str) -> None:
        found = [path for path in (f"contracts/{service}.py", f"contracts/{service}") if (ROOT / path).exists()]
        assert len(found) == 1, (
            f"contracts/{service}.py is missing, or a folder of that name: what {service} answers and announces."
        )

    @pytest.mark.parametrize("kind", ["unit", "integration"])
    def test_there_are_tests(self, service: str, kind: str) -> None:
        assert list((ROOT / "tests" / kind / service).glob("test_*.py")), (
            f"tests/{kind}/{service} holds no test: unit is for the rules, integration for what needs a database."
        )


@EVERY_SERVICE
class TestDependencies:
    def test_there_is_a_group(self, service: str) -> None:
        groups = pyproject()["dependency-groups"]
        assert {"include-group": "servicekit"} in groups.get(service, []), (
            f'Add `{service} = [{{ include-group = "servicekit" }}]` to [dependency-groups] in pyproject.toml.'
        )

    def test_the_group_is_part_of_the_demo(self, service: str) -> None:
        assert {"include-group": service} in pyproject()["dependency-groups"]["demo"], (
            f'Add `{{ include-group = "{service}" }}` to the group demo in pyproject.toml, or `make run` lacks it.'
        )

    def test_the_group_has_its_lock_file(self, service: str) -> None:
        path = ROOT / "requirements" / f"{service}.txt"
        assert path.exists(), f"requirements/{service}.txt is missing: run `make lock`."
        locked = set(re.findall(r"^([\w.-]+)==", path.read_text(encoding="utf-8").lower(), re.MULTILINE))
        missing = packages_of(service) - locked
        assert not missing, f"requirements/{service}.txt lacks {', '.join(sorted(missing))}: run `make lock`."


@EVERY_SERVICE
class TestAlembic:
    def test_there_is_a_section_that_names_the_migrations(self, service: str) -> None:
        ini = configparser.RawConfigParser()
        ini.read(ROOT / "alembic.ini", encoding="utf-8")
        wanted = f"%(here)s/services/{service}/migrations"
        assert ini.get(service, "version_locations", fallback="") == wanted, (
            f"alembic.ini needs a section [{service}] like the others, with version_locations = {wanted}."
        )


@EVERY_SERVICE
class TestCompose:
    def test_the_service_runs(self, service: str) -> None:
        assert service in compose()["services"], (
            f"docker-compose.yml has no service {service}: add one like the others."
        )

    def test_its_database_and_queues_are_made_before_anybody_starts(self, service: str) -> None:
        everybody = compose()["services"]
        assert f"prepare-{service}" in everybody, (
            f"docker-compose.yml has no prepare-{service}, which makes the database and queues of {service}."
        )
        running = [name for name in services() if name in everybody]
        hasty = [name for name in running if f"prepare-{service}" not in everybody[name]["depends_on"]]
        assert not hasty, (
            f"In docker-compose.yml {', '.join(hasty)} may start before prepare-{service} is through, and what they "
            f"announce would be lost to {service}: add it to depends_on of x-process."
        )

    def test_it_has_a_key_to_sign_with(self, service: str) -> None:
        made = " ".join(compose()["services"]["keys"]["command"])
        assert re.search(rf"\b{service}\b", made), f"The service keys of docker-compose.yml makes no key for {service}."


@EVERY_SERVICE
class TestImportLinter:
    def test_no_other_service_may_import_it(self, service: str) -> None:
        assert f"services.{service}" in import_rule(INDEPENDENCE)["modules"], (
            f"Add services.{service} to the import-linter contract '{INDEPENDENCE}' in pyproject.toml."
        )

    def test_its_rules_are_kept_plain(self, service: str) -> None:
        assert f"services.{service}.rules" in import_rule(RULES)["source_modules"], (
            f"Add services.{service}.rules to the import-linter contract '{RULES}' in pyproject.toml."
        )

    def test_its_files_are_layered(self, service: str) -> None:
        assert f"services.{service}" in import_rule(LAYERS)["containers"], (
            f"Add services.{service} to the import-linter contract '{LAYERS}' in pyproject.toml."
        )


@EVERY_SERVICE
class TestLists:
    def test_the_launcher_knows_it(self, service: str) -> None:
        assert service in SERVICES, f"Add {service} to SERVICES in deploy/local/scale.py, or `make run` leaves it out."

    def test_the_gateway_and_operators_reach_it(self, service: str) -> None:
        assert service in operations.SERVICES, (
            f"Add {service} to SERVICES in contracts/operations.py, or /readyz says nothing of it and `crm` does not "
            "show its parked events."
        )
