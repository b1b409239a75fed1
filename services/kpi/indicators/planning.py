"""The plan against what it was when it was adopted, and the actions that members agreed on."""

from services.kpi.engine.figures import Cells, Share, indicator
from services.kpi.engine.measures import Deltas, measure
from shared.contracts.planning import ActionAgreed, ActionProgressed
from shared.contracts.requests import PlanAdopted


@measure("baseline", by=("year", "number", "activity", "line", "pillar", "kind", "quarter", "member"))
def baseline(event: PlanAdopted) -> Deltas:
    """Activities of the plan as it was adopted; each adoption is a baseline of its own."""
    for activity, line, pillar, kind, quarter, member in event.frozen:
        yield (event.year, event.baseline, activity, line, pillar, kind, quarter, member), 1


@measure("actions", by=("year", "status", "action", "lead", "multilateral"))
def actions(event: ActionAgreed | ActionProgressed, stream: str, day: str) -> Deltas:
    """Actions that members agreed on, and those begun or done; one that is set back counts no more."""
    match event:
        case ActionAgreed():
            yield (event.year, "agreed", stream, event.lead, event.multilateral), 1, event.agreed_on or day
        case ActionProgressed():
            if event.status != "agreed":
                yield (event.year, event.status, stream, "", False), 1, event.on or day
            if event.previously != "agreed":
                yield (event.year, event.previously, stream, "", False), -1, event.previously_on or day


def first_baseline(cells: Cells) -> set[str]:
    """Activities of the year's first baseline: what the Board adopted before anything was amended."""
    numbers = cells.distinct("baseline", "number")
    return cells.distinct("baseline", "activity", number=min(numbers, default=0))


def completed_to_baseline(cells: Cells) -> Share:
    frozen = first_baseline(cells)
    return Share(len(frozen & cells.distinct("held", "activity")), len(frozen))


def in_status(cells: Cells, *statuses: str) -> int:
    return len({action for status in statuses for action in cells.distinct("actions", "action", status=status)})


indicator(
    "completed-to-baseline",
    title="Completed to adopted plan",
    unit="share",
    value=completed_to_baseline,
    says="Of the activities that the plan held when it was first adopted, those that were held; what was added or taken"
    " out later changes nothing.",
    part="adopted activities held",
    whole="activities adopted",
)
indicator(
    "actions-agreed",
    title="Actions agreed",
    unit="count",
    value=lambda cells: cells.count("actions", "action", status="agreed"),
    says="Actions that members agreed on for the year.",
    only_where_named=True,
)
indicator(
    "actions-initiated",
    title="Actions initiated",
    unit="share",
    value=lambda cells: Share(in_status(cells, "initiated", "implemented"), in_status(cells, "agreed")),
    says="Of the actions agreed for the year, those that were begun, finished ones among them.",
    part="actions begun",
    whole="actions agreed",
    by_member=False,
    only_where_named=True,
)
indicator(
    "actions-implemented",
    title="Actions implemented",
    unit="share",
    value=lambda cells: Share(in_status(cells, "implemented"), in_status(cells, "agreed")),
    says="Of the actions agreed for the year, those that were carried out.",
    part="actions carried out",
    whole="actions agreed",
    by_member=False,
    only_where_named=True,
)
