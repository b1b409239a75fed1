"""The brokers in containers, where a Docker engine runs; with the settings of the embedded ones that tests rely on."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo import MongoClient
from testcontainers.community.kafka import KafkaContainer
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from tests.support.stack import Brokers

MONGODB = "mongo:8.0"
KAFKA = "confluentinc/cp-kafka:7.9.1"


@contextmanager
def containers() -> Iterator[Brokers]:
    with _mongod() as mongod, _kafka() as kafka:
        host, port = mongod.get_container_host_ip(), mongod.get_exposed_port(27017)
        # The set knows its member by the port inside the container, so clients must not ask it for its members.
        url = f"mongodb://{host}:{port}/?directConnection=true"
        with MongoClient(url) as client:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": "127.0.0.1:27017"}]})
        yield Brokers(url, kafka.get_bootstrap_server())


def _mongod() -> DockerContainer:
    command = "mongod --replSet rs0 --bind_ip_all --setParameter transactionLifetimeLimitSeconds=3"
    container = DockerContainer(MONGODB).with_command(command).with_exposed_ports(27017)
    return container.waiting_for(LogMessageWaitStrategy("Waiting for connections"))


def _kafka() -> KafkaContainer:
    container = KafkaContainer(KAFKA).with_kraft()
    for name, value in {
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
    }.items():
        container.with_env(name, value)
    return container
