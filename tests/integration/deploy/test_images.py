"""Each image works with nothing but the files and the locked dependencies that deploy/Dockerfile gives it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from uv import find_uv_bin

from deploy.local.keeper import Keeper
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.probe import says_ready
from deploy.local.processes import Process
from deploy.local.scale import GATEWAY, SERVICES
from deploy.local.servers import Broker, GivenServer, Server
from deploy.local.waiting import wait_until
from servicekit.keys import TRUSTED, make_keys
from tests.integration.deploy.dockerfile import Image

_TOOLS = "tools"
_COMMAND_LINE = "cli"
_INSTALL_SECONDS = 100
_READY_SECONDS = 120.0
_RUN_SECONDS = 120.0

# Half a minute on two idle cores; the first test waits for most of it, on a busy machine for many times that.
pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True)
class Built:
    """An image's working directory and environment, without the container round it."""

    image: Image
    folder: Path
    python: Path
    settings: Mapping[str, str]
    keeper: Keeper

    def process(self, *command: str, **settings: str) -> Process:
        """A command as a container of the image would run it, not started yet."""
        return Process(
            self.image.name,
            command,
            keeper=self.keeper,
            log=self.folder.with_name("output.log"),
            environment=self._environment(settings),
            folder=self.folder,
        )

    def run(self, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            command,
            env=self._environment(settings),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_RUN_SECONDS,
            check=False,
        )

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        path = os.pathsep.join([str(self.python.parent), os.defpath])
        # Installed afresh and not compiled, unlike in an image: let the first start of each compile for the next.
        compiled = {"PYTHONDONTWRITEBYTECODE": ""}
        return {**self.image.environment, **compiled, **self.settings, **settings, "PATH": path}


Build = Callable[[str], Built]


@dataclass(frozen=True)
class Life:
    """What came of a container: the exit codes of its health check, of itself when asked to stop, of the check then."""

    healthy: int
    stopped: int | None
    healthy_after: int
    log: str = field(default="", compare=False)


@pytest.fixture(scope="module")
def amqp_url(broker: Broker) -> str:
    """The images' own virtual host: they declare the queues of the real services."""
    if isinstance(broker, GivenServer):
        return broker.url
    base, _, _ = broker.url.rpartition("/")
    user = base.partition("://")[2].partition(":")[0]
    broker.ctl("add_vhost", "images")
    broker.ctl("set_permissions", "-p", "images", user, ".*", ".*", ".*")
    return f"{base}/images"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, amqp_url: str, database_server: Server) -> Mapping[str, str]:
    """What a deployment tells every container."""
    keys = tmp_path_factory.mktemp("keys")
    make_keys(keys, [*SERVICES, GATEWAY, _COMMAND_LINE])
    return {
        "CRM_AMQP_URL": amqp_url,
        "CRM_DATABASE_URL": f"{database_server.url}/images",
        "CRM_TRUSTED_KEYS_FILE": str(keys / TRUSTED),
        "CRM_HOST": LOOPBACK,
    }


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Gives a Python that has what a requirements file lists and nothing else; equal lists share one."""
    made: dict[str, Path] = {}

    def give(requirements: Path) -> Path:
        listed = requirements.read_text()
        if listed not in made:
            folder = tmp_path_factory.mktemp("venv")
            made[listed] = folder / "bin" / "python"
            _uv("venv", "--clear", "--python", sys.executable, str(folder))
            _uv(
                *("pip", "install", "--python", str(made[listed]), "--only-binary", ":all:"),
                *("--require-hashes", "--requirement", str(requirements)),
            )
        return made[listed]

    return give


@pytest.fixture(scope="module")
def build(
    tmp_path_factory: pytest.TempPathFactory,
    environment: Callable[[Path], Path],
    settings: Mapping[str, str],
    session_keeper: Keeper,
) -> Build:
    """Builds an image of this name, once."""

    @cache
    def built(name: str) -> Built:
        image = Image(name)
        folder = tmp_path_factory.mktemp(name) / "app"
        image.copy_files(folder)
        return Built(image, folder, environment(image.requirements), settings, session_keeper)

    return built


@pytest.fixture(scope="module")
def lives(request: pytest.FixtureRequest, build: Build) -> Iterator[dict[str, Future[Life]]]:
    """The images that the collected tests are about, each started and stopped; as many at a time as there are cores."""
    tests = [item for item in request.session.items if "lives" in getattr(item, "fixturenames", ())]
    images = [build(str(test.callspec.params["name"])) for test in tests if isinstance(test, pytest.Function)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {built.image.name: pool.submit(_live, built) for built in images}


class TestImage:
    @pytest.mark.parametrize("name", [*SERVICES, GATEWAY])
    def test_it_becomes_ready_answers_its_health_check_and_stops_when_asked(
        self, lives: dict[str, Future[Life]], name: str
    ) -> None:
        life = lives[name].result()
        assert life == Life(healthy=0, stopped=0, healthy_after=1), life.log

    @pytest.mark.parametrize("name", SERVICES)
    def test_it_has_the_code_of_its_own_service_alone(self, build: Build, name: str) -> None:
        folder = build(name).folder
        assert {path.name for path in folder.iterdir()} == {"alembic.ini", "contracts", "servicekit", "services"}
        assert [path.name for path in (folder / "services").iterdir()] == [name]

    def test_the_gateway_has_no_service_in_it(self, build: Build) -> None:
        assert {path.name for path in build(GATEWAY).folder.iterdir()} == {"contracts", "gateway", "servicekit"}


class TestTools:
    def test_they_show_the_commands(self, build: Build) -> None:
        tools = build(_TOOLS)
        shown = tools.run(*tools.image.command)
        assert (shown.returncode, "Commands" in shown.stdout) == (0, True), shown.stderr

    def test_they_make_keys(self, build: Build, tmp_path: Path) -> None:
        made = build(_TOOLS).run("python", "-m", "servicekit.keys", str(tmp_path / "made"), "pool")
        assert made.returncode == 0, made.stderr
        assert {file.name for file in (tmp_path / "made").iterdir()} == {"pool.pem", TRUSTED}

    def test_the_sample_says_which_service_is_missing(self, build: Build, tmp_path: Path) -> None:
        tools = build(_TOOLS)
        key = Path(tools.settings["CRM_TRUSTED_KEYS_FILE"]).with_name(f"{_COMMAND_LINE}.pem")
        loaded = tools.run(
            *("python", "-m", "deploy.sample"),
            CRM_SIGNING_KEY_FILE=str(key),
            CRM_DATA_DIR=str(tmp_path),
            CRM_URL=f"http://{LOOPBACK}:{free_port()}",
        )
        assert loaded.returncode == 1
        assert "identity" in loaded.stdout


def _live(built: Built) -> Life:
    """From preparation to the end."""
    name, port = built.image.name, free_port()
    settings = {
        "CRM_SIGNING_KEY_FILE": str(Path(built.settings["CRM_TRUSTED_KEYS_FILE"]).with_name(f"{name}.pem")),
        "CRM_TELEMETRY_PORT": str(port),
        "CRM_PORT": str(free_port()),
    }
    if name in SERVICES:
        prepared = built.run("python", "-m", "servicekit.prepare", name, **settings)
        assert prepared.returncode == 0, prepared.stderr
    container = built.process(*built.image.command, **settings)
    container.start()
    try:
        wait_until(lambda: _ready(container, port), limit=_READY_SECONDS, otherwise=f"{name} is not ready")
        healthy = built.run(*built.image.healthcheck, **settings).returncode
        container.ask_to_stop()
        wait_until(lambda: not container.alive, limit=_RUN_SECONDS, otherwise=f"{name} does not stop")
        after = built.run(*built.image.healthcheck, **settings).returncode
        return Life(healthy, container.exit_code, after, container.last_words())
    finally:
        container.kill()


def _ready(container: Process, port: int) -> bool:
    container.require_alive()
    return says_ready(f"http://{LOOPBACK}:{port}")


def _uv(*arguments: str) -> None:
    done = subprocess.run(
        [find_uv_bin(), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_INSTALL_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
