"""Kafka as one node that is broker and controller (KRaft)."""

import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.checks import LOOPBACK, Trouble
from deploy.local.layout import KAFKA, Layout
from deploy.local.packages import binaries, jars
from deploy.local.process import Program
from deploy.local.servers.environment import bare, connects

JVM = (
    *("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"),
    # What Kafka 4.2 still does, without Java's warnings of a release to come.
    *("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"),
)
LOGGING = Path(__file__).with_name("kafka-log4j2.properties")

SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "BROKER",
    # One node holds everything there is.
    "default.replication.factor": 1,
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    # Few partitions of its own: a start after a crash reads every one of them.
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.num.partitions": 1,
    "log.segment.bytes": 67_108_864,
    "num.recovery.threads.per.data.dir": 2,
    "num.network.threads": 2,
    "num.io.threads": 4,
    # Topics come with their settings or not at all.
    "auto.create.topics.enable": "false",
    "log.retention.ms": -1,
    "offsets.retention.minutes": 525_600,
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1000,
    # After a crash the broker may register again only when its last session has timed out (9 s by default).
    "broker.session.timeout.ms": 2000,
    "broker.heartbeat.interval.ms": 250,
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
}


def program(layout: Layout, port: int, controller_port: int) -> Program:
    """Kafka on its ports; formats its folder where that has not been done, which takes two seconds."""
    folder = layout.data / "kafka"
    folder.mkdir(exist_ok=True)
    properties = folder / "server.properties"
    properties.write_text(_properties(folder / "log", port, controller_port))
    java = [str(binaries.java()), *JVM, f"-Dlog4j2.configurationFile={LOGGING}", "-cp", jars.class_path(KAFKA)]
    if not (folder / "log" / "meta.properties").exists():
        _format(java, properties, bare(layout))
    command = (*java, "kafka.Kafka", str(properties))
    return Program("kafka", command, bare(layout), lambda: _answers(port), stop_within=30)


def _properties(log_folder: Path, port: int, controller_port: int) -> str:
    settings = {
        **SETTINGS,
        "log.dirs": log_folder,
        "listeners": f"BROKER://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}",
        "advertised.listeners": f"BROKER://{LOOPBACK}:{port}",
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _format(java: list[str], properties: Path, env: dict[str, str]) -> None:
    cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    # "=" because every 64th id begins with a hyphen
    command = [*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config", str(properties)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"Kafka cannot format {properties.parent}: {(done.stderr or done.stdout).strip()[-300:]}")


async def _answers(port: int) -> bool:
    await connects(port)  # cheaper, and quieter in the log, than a refused client
    admin = AIOKafkaAdminClient(bootstrap_servers=f"{LOOPBACK}:{port}", request_timeout_ms=2000)
    try:
        await admin.start()
        await admin.list_topics()
    finally:
        await admin.close()
    return True
