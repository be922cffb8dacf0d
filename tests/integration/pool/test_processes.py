"""The service as real processes over the real broker: two of pool, and a stand-in for the customer service."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import amqp
import pytest
import sqlalchemy
from nameko.standalone.rpc import ClusterRpcProxy

from contracts.base import Event
from contracts.pool.pools import DEFAULT_POOL_ID, PoolCreated
from contracts.values import Actor, Role
from deploy.local.keeper import Keeper
from deploy.local.ports import free_port
from deploy.local.probe import says_ready
from deploy.local.processes import Process
from deploy.local.servers import Broker, Server
from deploy.local.suite import PROJECT, Suite
from servicekit import clock
from servicekit.cloudevents import write_unnumbered
from servicekit.database import new_id
from servicekit.keys import make_keys
from servicekit.messaging_tables import METADATA
from servicekit.settings import Settings
from servicekit.testing import wait_until
from servicekit.tokens import Signer
from tests.integration.pool.desk import customer_created
from tests.integration.servicekit.subscriber import EXCHANGE, Subscriber, connected

CLAIMERS = 10
CUSTOMERS = 20

Claim = Callable[..., list[str]]


@pytest.fixture(scope="module")
def subscriber(broker: Broker) -> Iterator[Subscriber]:
    """Hears of pools, from before the service's first start."""
    subscriber = Subscriber(broker.url, queue=f"pools-{new_id()}", topics=("pool.*",))
    yield subscriber
    subscriber.close()


@pytest.fixture(scope="module")
def suite(
    subscriber: Subscriber,  # noqa: ARG001  it must listen before the first process runs
    broker: Broker,
    database_server: Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Suite]:
    """Two processes of pool, and nothing else."""
    servers = {"CRM_AMQP_URL": broker.url, "CRM_DATABASE_URL": f"{database_server.url}/test_{new_id().hex}"}
    folder = tmp_path_factory.mktemp("suite")
    with Suite(folder, services=("pool",), scale={"pool": 2, "gateway": 0}, environment=servers) as suite:
        make_keys(folder / "keys", ["identity", "customer"])
        make_database(Settings(database_url=suite.database.url).database_url_of("customer"))
        yield suite


@pytest.fixture
def customers(suite: Suite, session_keeper: Keeper) -> Iterator[Process]:
    """The stand-in, ready to answer."""
    settings, port = suite.settings_of("customer"), free_port()
    process = Process(
        "customers",
        [sys.executable, "-m", "tests.integration.pool.customers"],
        keeper=session_keeper,
        log=suite.folder / "logs" / "customers.log",
        environment=settings | {"CRM_TELEMETRY_PORT": str(port)},
        folder=PROJECT,
    )
    process.start()
    wait_until(lambda: says_ready(f"http://127.0.0.1:{port}"), seconds=30)
    yield process
    process.stop()


@pytest.fixture
def claim(suite: Suite) -> Claim:
    """Claim customers as a rep of this id: the status of each."""
    identity = Signer(suite.folder / "keys" / "identity.pem")

    def claim(rep_id: UUID, *customer_ids: UUID) -> list[str]:
        token = identity.sign({"sub": str(rep_id), "name": "Rita", "role": Role.REP}, seconds=60)
        asked = {"pool_id": str(DEFAULT_POOL_ID), "customer_ids": [str(each) for each in customer_ids]}
        with ClusterRpcProxy({"AMQP_URI": suite.broker.url}, context_data={"caller": token}, timeout=20) as rpc:
            return [item["status"] for item in rpc.pool.claim_customers(**asked)["items"]]

    return claim


@pytest.mark.usefixtures("suite")
class TestDefaultPool:
    def test_other_services_hear_of_it_when_the_service_starts_for_the_first_time(self, subscriber: Subscriber) -> None:
        event = subscriber.receive(1)[0]
        assert event["type"] == "crm.pool.created.v1"
        assert PoolCreated.model_validate(event["data"]) == PoolCreated(pool_id=DEFAULT_POOL_ID, name="Open customers")


class TestClaimCustomers:
    @pytest.mark.usefixtures("customers")
    def test_a_customer_of_which_no_event_has_come_is_claimed_while_one_that_does_not_exist_is_not_visible(
        self, claim: Claim
    ) -> None:
        assert claim(new_id(), new_id(), uuid4()) == ["claimed", "not_visible"]

    @pytest.mark.usefixtures("customers")
    def test_claimers_at_two_processes_who_ask_for_the_same_unheard_of_customers_win_each_once(
        self, claim: Claim, suite: Suite
    ) -> None:
        claims = Subscriber(suite.broker.url, queue=f"claims-{new_id()}", topics=("holding.claimed",))
        customer_ids = [new_id() for _ in range(CUSTOMERS)]
        shares = [customer_ids[number:] + customer_ids[:number] for number in range(CLAIMERS)]
        with ThreadPoolExecutor(CLAIMERS) as threads:
            answers = list(threads.map(lambda share: claim(new_id(), *share), shares))
        statuses = Counter(
            (customer_id, status)
            for share, answer in zip(shares, answers, strict=True)
            for customer_id, status in zip(share, answer, strict=True)
        )
        assert statuses == {
            **{(each, "claimed"): 1 for each in customer_ids},
            **{(each, "already_claimed"): CLAIMERS - 1 for each in customer_ids},
        }
        heard = Counter(UUID(event["subject"]) for event in claims.receive(CUSTOMERS))
        assert heard == Counter(customer_ids)
        claims.close()

    def test_without_the_customer_service_a_customer_whose_event_has_come_is_claimed_all_the_same(
        self, suite: Suite, claim: Claim
    ) -> None:
        known, rep_id = new_id(), new_id()
        tell(suite, customer_created(known))
        wait_until(lambda: claim(rep_id, known, new_id()) == ["claimed", "not_visible"])
        assert claim(rep_id, known) == ["already_claimed"]


def tell(suite: Suite, event: Event) -> None:
    """Publish an event as the service it comes from would."""
    actor = Actor(kind="system", id=event.source, name=event.source)
    body = write_unnumbered(event, id=new_id(), time=clock.now(), actor=actor, traceparent="") + "1}"
    with connected(suite.broker.url) as channel:
        channel.basic_publish_confirm(amqp.Message(body, delivery_mode=2), EXCHANGE, event.topic)


def make_database(url: str) -> None:
    """What any service needs of a database."""
    target = sqlalchemy.make_url(url)
    server = sqlalchemy.create_engine(target.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{target.database}"')
    server.dispose()
    engine = sqlalchemy.create_engine(url)
    METADATA.create_all(engine)
    engine.dispose()
