"""The container files, held against the Compose Specification and a Dockerfile linter: no engine runs them here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from deploy.local.layout import CHECKOUT
from deploy.local.servers import kafka
from deploy.local.topics import SERVICES

COMPOSE = CHECKOUT / "docker-compose.yml"
SECRET = re.compile(r"secret|password|token|credential", re.IGNORECASE)


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(COMPOSE.read_text())


def tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_follows_the_specification():
    run(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(COMPOSE))


def test_the_dockerfile_passes_its_linter():
    run(tool("hadolint"), "--failure-threshold", "style", "Dockerfile")


def test_everything_is_there_with_its_health_and_its_grace(compose):
    services = compose["services"]
    assert set(services) == {*SERVICES, "kafka", "mongodb", "caddy", "topics"}
    for name, service in services.items():
        assert service["stop_grace_period"] == "30s", name
        assert "healthcheck" in service or name in SERVICES, f"{name} has no health check"
    assert "HEALTHCHECK" in (CHECKOUT / "Dockerfile").read_text().split("AS service")[1]  # the services' own


def test_no_secret_stands_in_the_files(compose):
    for name, service in compose["services"].items():
        for variable, value in service.get("environment", {}).items():
            if SECRET.search(variable):
                from_outside = r"\$\{LIAISON_SECRET:\?.+\}|\$\{LIAISON_OIDC_CLIENT_SECRET:-\}"
                assert re.fullmatch(from_outside, value), f"{name}: {variable}"
    assert not SECRET.search((CHECKOUT / "Dockerfile").read_text())


def test_nothing_of_ours_runs_as_root():
    stages = re.split(r"^FROM .*$", (CHECKOUT / "Dockerfile").read_text(), flags=re.MULTILINE)[2:]
    assert len(stages) == 2
    assert all(re.search(r"^USER 10001$", stage, re.MULTILINE) for stage in stages)


def test_both_kafkas_have_the_settings_that_the_spine_relies_on(compose):
    environment = compose["services"]["kafka"]["environment"]
    for name in (
        "auto.create.topics.enable",
        "group.initial.rebalance.delay.ms",
        "group.min.session.timeout.ms",
        "broker.session.timeout.ms",
        "offsets.retention.minutes",
        "log.retention.ms",
        "transaction.state.log.min.isr",
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
    ):
        assert str(environment["KAFKA_" + name.upper().replace(".", "_")]) == str(kafka.SETTINGS[name]), name


def test_the_front_door_leads_to_each_service_under_its_name(compose):
    environment = compose["services"]["caddy"]["environment"]
    assert [environment[f"LIAISON_{name.upper()}"] for name in SERVICES] == [f"{name}:8000" for name in SERVICES]
    assert [compose["services"][name]["environment"]["SERVICE"] for name in SERVICES] == list(SERVICES)
