"""Dashboards and alerts: well-formed, each alert with its page, and every metric named is one a service exports."""

import json
import re
from collections import defaultdict
from datetime import date

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.layout import CHECKOUT
from tests.support.four import four_services
from tests.support.tally import until

GRAFANA = CHECKOUT / "deploy" / "grafana"
OPERATIONS = CHECKOUT / "docs" / "operations"
METRIC = re.compile(r"\b((?:liaison|process|python)_\w+|up)\b(?:\{([^}]*)\})?")
GROUPED = re.compile(r"\bby \(([^)]*)\)")
PROMETHEUS_OWN = {"up": {"job", "instance"}}
SCRAPED = {"instance", "job"}
ASKED = {
    "kind": "training-in-host-member-state", "title": "Induction", "target_groups": ["inspectors"], "language": "bg",
    "participants": 60, "quarter_wished": f"{date.today().year + 1}-Q1", "member": "BG",
}  # fmt: skip


def alerts():
    groups = yaml.safe_load((GRAFANA / "alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboards():
    return [json.loads(path.read_text()) for path in sorted((GRAFANA / "dashboards").glob("*.json"))]


def expressions():
    for one in alerts():
        yield one["alert"], one["expr"]
    for dashboard in dashboards():
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                yield f"{dashboard['title']}: {panel['title']}", target["expr"]


def test_every_alert_has_its_page_which_the_operations_page_links():
    names = [one["alert"] for one in alerts()]
    assert len(names) == len(set(names)) > 10
    pages = {path.stem for path in (OPERATIONS / "runbooks").glob("*.md")}
    assert pages == set(names)
    front = (OPERATIONS / "README.md").read_text()
    for one in alerts():
        assert set(one) == {"alert", "expr", "for", "labels", "annotations"}
        assert one["labels"]["severity"] in ("critical", "warning")
        assert one["annotations"]["runbook"] == f"docs/operations/runbooks/{one['alert']}.md"
        assert f"(runbooks/{one['alert']}.md)" in front
        page = (OPERATIONS / "runbooks" / f"{one['alert']}.md").read_text()
        assert page.startswith(f"# {one['alert']}\n")
        assert "**Look at**" in page
        assert "**Do**" in page


def test_links_between_the_pages_lead_somewhere():
    for page in OPERATIONS.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_panels_stand_apart_and_are_numbered_once():
    for dashboard in dashboards():
        assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
        taken = set()
        for panel in dashboard["panels"]:
            at = panel["gridPos"]
            places = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            assert not places & taken, panel["title"]
            assert at["x"] + at["w"] <= 24
            taken |= places
    assert len({dashboard["uid"] for dashboard in dashboards()}) == len(dashboards()) == 2


@pytest.fixture(scope="module")
async def exported(brokers, tmp_path_factory):
    """Sample name -> its labels, of two services at work: one has taken a command, the other streams."""
    async with four_services(brokers, tmp_path_factory.mktemp("one"), services=("requests", "kpi")) as four:
        found = {}
        await four.post("requests", "/requests", **ASKED)

        async def all_counted() -> bool:
            async with httpx.AsyncClient(trust_env=False) as http:
                for service in ("requests", "kpi"):
                    for name, labels in labels_of((await http.get(four.url(service, "/metrics"))).text).items():
                        found[name] = found.get(name, set()) | labels
            return {"liaison_commands_total", "liaison_dead_letters", "liaison_outbox_letters"} <= set(found)

        await until(all_counted, 30, "the figures for monitors")
        return found


def labels_of(text: str) -> dict[str, set[str]]:
    found = defaultdict(set)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] |= set(sample.labels)
    return dict(found)


async def test_a_service_exports_every_metric_and_label_that_is_named(exported):
    wanted = 0
    for where, expression in expressions():
        assert expression.count("(") == expression.count(")"), where
        known = set(SCRAPED)
        for name, selected in METRIC.findall(expression):
            labels = PROMETHEUS_OWN.get(name) or exported.get(name)
            assert labels is not None, f"{where}: nobody exports {name}"
            chosen = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selected))
            assert chosen <= labels | SCRAPED, f"{where}: {name} has no {chosen - labels}"
            known |= labels
            wanted += 1
        for grouped in GROUPED.findall(expression):
            assert {one.strip() for one in grouped.split(",")} <= known, f"{where}: by ({grouped})"
    assert wanted > 30


async def test_every_metric_of_ours_is_shown_somewhere(exported):
    """What is counted and nobody looks at is either missing on a dashboard or not worth counting."""
    named = {name for _, expression in expressions() for name, _ in METRIC.findall(expression)}
    ours = {name for name in exported if name.startswith("liaison_") and not name.endswith(("_created", "_sum"))}
    assert {name for name in ours if name not in named} == set()
