"""The manifests, held against Kubernetes' own schemas, and against what the services and the topics need.

No package carries the schemas of Strimzi, KEDA and MongoDB's operator: docs/operations/kubernetes.md says how those
resources were checked.
"""

import ast
import re
from collections import defaultdict

import kubernetes_validate
import pytest
import yaml

from deploy.local.layout import CHECKOUT
from deploy.local.servers import kafka
from deploy.local.topics import SERVICES, topics
from shared.settings import Settings

FOLDER = CHECKOUT / "deploy" / "kubernetes"
VERSION = "1.34"
CUSTOM = {"kafka.strimzi.io", "keda.sh", "mongodbcommunity.mongodb.com"}
OURS = {*SERVICES, "door", "backup"}


@pytest.fixture(scope="module")
def files():
    return yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]


@pytest.fixture(scope="module")
def resources(files):
    found = defaultdict(dict)
    for name in files:
        for one in yaml.safe_load_all((FOLDER / name).read_text()):
            assert one["metadata"]["name"] not in found[one["kind"]], "named twice"
            found[one["kind"]][one["metadata"]["name"]] = one
    return found


def pods(resources):
    for kind in ("StatefulSet", "Deployment"):
        for name, one in resources[kind].items():
            yield name, one["spec"]["template"]
    for name, one in resources["CronJob"].items():
        yield name, one["spec"]["jobTemplate"]["spec"]["template"]


def hears(service: str) -> tuple[str, ...]:
    """As its source declares it: to import an application is to need its settings."""
    tree = ast.parse((CHECKOUT / "services" / service / ("runtime.py" if service == "kpi" else "app.py")).read_text())
    given = [word.value for call in ast.walk(tree) if isinstance(call, ast.Call)
             for word in call.keywords if word.arg == "hears"]  # fmt: skip
    [value] = given
    if isinstance(value, ast.Name):
        [value] = [
            one.value for one in tree.body if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == value.id
        ]
    return ast.literal_eval(value)


def group_of(resource) -> str:
    return resource["apiVersion"].partition("/")[0]


def test_every_file_belongs_to_the_base(files):
    written = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.yaml")}
    assert written == {*files, "kustomization.yaml"}


def test_what_kubernetes_knows_follows_its_schema(resources):
    checked = 0
    for one in (one for kind in resources.values() for one in kind.values()):
        if group_of(one) not in CUSTOM:
            kubernetes_validate.validate(one, VERSION, strict=True)
            checked += 1
    assert checked > 20


def test_a_mistake_would_be_found(resources):
    broken = yaml.safe_load(yaml.safe_dump(resources["StatefulSet"]["kpi"]))
    broken["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, VERSION, strict=True)


def test_every_pod_of_ours_runs_with_as_little_as_it_needs(resources):
    found = dict(pods(resources))
    assert set(found) == OURS
    for name, template in found.items():
        spec, [container] = template["spec"], template["spec"]["containers"]
        assert spec["automountServiceAccountToken"] is False, name
        assert (spec["securityContext"]["runAsNonRoot"], spec["securityContext"]["runAsUser"]) == (True, 10001), name
        inside = container["securityContext"]
        assert (inside["readOnlyRootFilesystem"], inside["allowPrivilegeEscalation"]) == (True, False), name
        assert inside["capabilities"]["drop"] == ["ALL"], name
        assert {"requests", "limits"} == set(container["resources"]), name
        if name != "backup":
            assert {"livenessProbe", "readinessProbe"} <= set(container), name
            assert name in resources["PodDisruptionBudget"], name


def test_the_services_differ_in_name_and_size_alone(resources):
    def bare(name):
        one = yaml.safe_load(re.sub(rf"\b{name}\b", "NAME", yaml.safe_dump(resources["StatefulSet"][name])))
        one["spec"]["template"]["spec"]["containers"][0].pop("resources")
        return one

    assert all(bare(name) == bare("kpi") for name in SERVICES)
    assert all(
        resources["StatefulSet"][name]["spec"]["template"]["spec"]["containers"][0]["env"][0]
        == {"name": "SERVICE", "value": name}
        for name in SERVICES
    )


def test_what_the_settings_name_is_what_services_read(resources):
    names = set(resources["ConfigMap"]["liaison"]["data"])
    for name, template in pods(resources):
        if name != "door":
            names |= {one["name"] for one in template["spec"]["containers"][0].get("env", ())}
    known = {f"LIAISON_{field.upper()}" for field in Settings.model_fields}
    assert names - {"SERVICE"} <= known


def test_no_secret_stands_in_the_files(resources):
    assert not resources["Secret"]
    for name, template in pods(resources):
        for one in template["spec"]["containers"][0].get("env", ()):
            if re.search("SECRET|PASSWORD|MONGO_URL", one["name"]):
                assert set(one["valueFrom"]) == {"secretKeyRef"}, f"{name}: {one['name']}"


def test_kafka_and_its_topics_are_those_of_the_spine(resources):
    made = {
        name: (one["spec"]["partitions"], {key: str(value) for key, value in one["spec"]["config"].items()})
        for name, one in resources["KafkaTopic"].items()
    }
    assert made == {one.name: (one.partitions, one.settings) for one in topics("liaison")}
    settings = resources["Kafka"]["liaison"]["spec"]["kafka"]["config"]
    for name in (
        "auto.create.topics.enable",
        "log.retention.ms",
        "offsets.retention.minutes",
        "group.initial.rebalance.delay.ms",
        "group.min.session.timeout.ms",
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
    ):
        assert str(settings[name]) == str(kafka.SETTINGS[name]), name
    assert settings["min.insync.replicas"] == 2


def test_each_service_scales_by_the_lag_of_what_it_hears(resources):
    for name in SERVICES:
        spec = resources["ScaledObject"][name]["spec"]
        assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": name}
        lags = [one["metadata"] for one in spec["triggers"] if one["type"] == "kafka"]
        assert {one["topic"] for one in lags} == {f"liaison.{heard}" for heard in hears(name)}, name
        assert {one["consumerGroup"] for one in lags} == {f"liaison-{name}"}
        assert spec["maxReplicaCount"] <= 6
        assert "replicas" not in resources["StatefulSet"][name]["spec"], "each apply would take KEDA's number back"


def test_nothing_may_speak_before_it_is_allowed(resources):
    policies = resources["NetworkPolicy"]
    assert policies["deny-all"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    door = policies["door"]["spec"]["egress"]
    assert [rule["ports"] for rule in door] == [[{"protocol": "TCP", "port": 8000}]]


def test_the_front_door_leads_to_each_service(resources):
    [container] = resources["Deployment"]["door"]["spec"]["template"]["spec"]["containers"]
    told = {one["name"]: one["value"] for one in container["env"]}
    assert [told[f"LIAISON_{name.upper()}"] for name in SERVICES] == [f"{name}:8000" for name in SERVICES]
    assert all(resources["Service"][name]["spec"]["ports"][0]["port"] == 8000 for name in SERVICES)
