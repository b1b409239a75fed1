"""The plan's activities, each with its state: held, to come, at risk, cancelled."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from services.kpi.engine.figures import Cells
from shared.contracts.vocabulary import Quarter
from shared.web.i18n import _


class Planned(NamedTuple):
    """An activity as the plan names it."""

    activity: str
    quarter: str
    kind: str
    member: str


@dataclass(frozen=True, slots=True)
class AtRisk:
    """An activity of the plan that may not come about in time."""

    activity: str
    title: str
    member: str
    quarter: str
    reason: str


def states_of_plan(cells: Cells, today: date) -> list[tuple[Planned, str, str]]:
    """Each activity of the plan with its state (held, to come, at risk, cancelled) and the reason of a risk."""
    held = cells.of_all_members.distinct("held", "activity")
    cancelled = cells.distinct("cancelled", "activity", ever=True)
    scheduled = cells.distinct("scheduled", "activity", ever=True)
    over, undated = _("its quarter is over"), _("no date yet")
    found = []
    for one in cells.distinct("planned", *Planned._fields):
        activity = Planned(*one)
        state, reason = "to come", ""
        if activity.activity in held:
            state = "held"
        elif activity.activity in cancelled:
            state = "cancelled"
        elif quarter_ended(activity.quarter, today):
            state, reason = "at risk", over
        elif activity.activity not in scheduled and quarter_begun(activity.quarter, today):
            state, reason = "at risk", undated
        found.append((activity, state, reason))
    return found


def plan_by_quarter(cells: Cells, today: date) -> dict[str, Any]:
    counts = Counter((one.quarter[-2:], state) for one, state, _reason in states_of_plan(cells, today))
    rows = [
        [quarter, *(counts[quarter, state] for state in ("held", "to come", "at risk", "cancelled"))]
        for quarter in ("Q1", "Q2", "Q3", "Q4")
    ]
    return {"columns": [_("Quarter"), _("Held"), _("To come"), _("At risk"), _("Cancelled")], "rows": rows}


def at_risk(cells: Cells, today: date) -> list[AtRisk]:
    rows = [
        AtRisk(one.activity, cells.profile.title_of(one.kind), one.member, one.quarter, reason)
        for one, state, reason in states_of_plan(cells, today)
        if state == "at risk"
    ]
    return sorted(rows, key=lambda row: (row.quarter, row.title, row.activity))


@lru_cache(maxsize=512)
def quarter_ended(quarter: str, today: date) -> bool:
    try:
        return Quarter.parse(quarter).last_day < today
    except ValueError:
        return False


@lru_cache(maxsize=512)
def quarter_begun(quarter: str, today: date) -> bool:
    try:
        return Quarter.parse(quarter).first_day <= today
    except ValueError:
        return False
