"""What the networks know of themselves: the analysis of needs that the strategy names, and the projects and figures
of the work plan, as their documents give them. What these leave open is said to be the demonstration's own."""

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

from shared.profiles import Profile, load

from .story import Step, Story, at, told

ANALYSED, ENTERED = date(2024, 1, 11), date(2024, 10, 7)
FINDINGS = (
    ("inspectors", "posting", 5), ("inspectors", "undeclared-work", 4), ("inspectors", "cross-border-inspections", 4),
    ("inspectors", "construction", 3), ("applying-officials", "social-security-coordination", 4),
    ("applying-officials", "eessi", 3), ("applying-officials", "imi", 3),
    ("social-partners", "information-provision", 3), ("networks-platforms", "mediation", 2),
)  # fmt: skip


def knowledge_stories(rng: random.Random) -> list[Story]:
    earlall = load("earlall")
    return [
        told("needs", [_analysis(rng)]),
        told("projects", _projects(earlall, rng), "earlall"),
        told("figures", _figures(earlall, rng), "earlall"),
    ]


def _analysis(rng: random.Random) -> Step:
    findings = [{"target_group": group, "topic": topic, "weight": weight} for group, topic, weight in FINDINGS]
    facts = {
        "source": "questionnaire",
        "on": "2023-02-28",
        "title": "Pilot research on training needs, December 2022 to February 2023",
        "summary": "The strategy names this research; the findings here are the demonstration's own.",
        "findings": findings,
    }
    return Step(at(ANALYSED, 10, rng), "know", {"path": "needs", **facts})


def _projects(profile: Profile, rng: random.Random) -> Iterator[Step]:
    for one in profile.projects:
        facts: dict[str, Any] = one.model_dump(include={"title", "programme", "coordinator", "lead", "themes"})
        facts |= {"stage": one.status, "period": one.period_as_quoted}
        facts |= {"eu_grant": one.eu_grant, "own_grant": one.own_grant}
        yield Step(at(ENTERED, 9, rng), "know", {"path": "projects", **facts})


def _figures(profile: Profile, rng: random.Random) -> Iterator[Step]:
    """The baselines, each on the day that the work plan names."""
    for one in profile.communication:
        if one.baseline is not None and one.baseline_date is not None:
            facts = {"figure": one.id, "on": one.baseline_date.isoformat(), "value": one.baseline}
            yield Step(at(ENTERED, 11, rng), "know", {"path": "readings", **facts, "source": profile.source})
