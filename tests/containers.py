"""The session's broker and database in containers, where this machine has Docker and not the programs."""

import secrets
from collections.abc import Callable

from testcontainers.core.container import DockerContainer

from deploy.local.docker import POSTGRES_IMAGE, RABBITMQ_API_PORT, RABBITMQ_IMAGE
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.postgres import answers_sql
from deploy.local.rabbitmq import answers_amqp
from deploy.local.waiting import wait_until

_START_LIMIT = 120.0


class _Contained:
    """A container that can be killed and started again with its data, at the same address."""

    def __init__(self, image: str, *, inner_port: int, password: str) -> None:
        self.password = password
        self.port = free_port()
        self.container = DockerContainer(image)
        # A port of our choice, for a restarted container would be given a new one; and on the loopback address alone,
        # which Docker understands and testcontainers' types don't know of.
        self.container.ports[f"{inner_port}/tcp"] = (LOOPBACK, self.port)  # type: ignore[assignment]
        self._started = False

    @property
    def alive(self) -> bool:
        if not self._started:
            return False
        self.container.reload()
        return bool(self.container.get_wrapped_container().status == "running")

    def stop(self) -> None:
        self.container.stop()
        self._started = False

    def kill(self) -> None:
        self.container.get_wrapped_container().kill()

    def _start(self, answers: Callable[[], bool]) -> None:
        if not self._started:
            self.container.start()
            self._started = True
        else:
            self.container.get_wrapped_container().start()
        wait_until(answers, limit=_START_LIMIT, otherwise=f"{self.container.image} does not answer.")


class ContainedPostgres(_Contained):
    """PostgreSQL by testcontainers."""

    def __init__(self) -> None:
        super().__init__(POSTGRES_IMAGE, inner_port=5432, password=secrets.token_hex(16))
        self.container.with_envs(
            PGDATA="/tideline/data",
            POSTGRES_PASSWORD=self.password,
            POSTGRES_INITDB_ARGS="--encoding=UTF8 --locale=C.UTF-8",
        ).with_command(["-c", "max_connections=300"])

    @property
    def url(self) -> str:
        return f"postgresql://postgres:{self.password}@{LOOPBACK}:{self.port}"

    def start(self) -> None:
        self._start(lambda: answers_sql(self.url))


class ContainedRabbit(_Contained):
    """RabbitMQ by testcontainers."""

    def __init__(self) -> None:
        super().__init__(RABBITMQ_IMAGE, inner_port=5672, password=secrets.token_hex(16))
        self.container.with_envs(
            RABBITMQ_NODENAME="tideline@localhost", RABBITMQ_DEFAULT_USER="crm", RABBITMQ_DEFAULT_PASS=self.password
        )
        self.api_port = free_port()
        self.container.ports[f"{RABBITMQ_API_PORT}/tcp"] = (LOOPBACK, self.api_port)  # type: ignore[assignment]

    @property
    def url(self) -> str:
        return f"amqp://crm:{self.password}@{LOOPBACK}:{self.port}/%2f"

    @property
    def api_url(self) -> str:
        return f"http://crm:{self.password}@{LOOPBACK}:{self.api_port}"

    def start(self) -> None:
        self._start(lambda: answers_amqp(self.port))

    def ctl(self, *arguments: str) -> str:
        code, output = self.container.exec(["rabbitmqctl", *arguments])
        text = str(output, "utf-8")
        assert code == 0, text
        return text
