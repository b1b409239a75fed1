"""The indicators: each is one formula over the cells of a year, with the words to read it.

Which target an indicator has, and which reading is in force where its source leaves it open, the profile says.
"""

from services.kpi.engine.figures import Reading, Share, indicator

from .fates import submitted_by_day
from .formulas import (
    completed,
    completed_by_day,
    exchanges_by_day,
    exchanges_held,
    in_plan,
    invited_who_came,
    marks,
    members_and_stakeholders,
    members_reached,
    national_events_by_day,
    network_members,
    of_activities_held,
    participation_by_day,
    requests_decided,
    requests_submitted,
    running,
    with_national_event,
)

indicator(
    "completed-to-planned",
    title="Completed to planned activities",
    unit="share",
    value=lambda cells: Share(completed(cells), in_plan(cells)),
    says="Of the activities that stand in the year's plan, those that were held.",
    part="activities of the plan held",
    whole="activities in the plan",
    trend=completed_by_day,
)
indicator(
    "participation-rate",
    title="Participation rate",
    unit="share",
    value=invited_who_came,
    says="How many of those who could take part did.",
    part="who took part",
    whole="who could",
    readings=(
        Reading("members-invited", invited_who_came),
        Reading("members-network", network_members),
        Reading("stakeholder-groups", members_and_stakeholders),
    ),
    behind=of_activities_held,
    trend=participation_by_day,
)
indicator(
    "relevance",
    title="Relevance",
    unit="score",
    value=lambda cells: marks(cells, "relevance"),
    says="How relevant participants found an activity to their work, from 1 to 5.",
    by_member=False,
)
indicator(
    "added-value",
    title="Added value",
    unit="score",
    value=lambda cells: marks(cells, "added-value"),
    says="How much an activity added to what participants knew or could do, from 1 to 5.",
    by_member=False,
)
indicator(
    "staff-exchanges",
    title="Staff exchanges",
    unit="count",
    value=exchanges_held,
    says="Staff exchanges and study visits held in the year, by the week they were agreed for.",
    trend=exchanges_by_day,
)
indicator(
    "exchanges-agreed",
    title="Exchanges agreed",
    unit="count",
    value=lambda cells: cells.count("exchanges", "exchange", stage="agreed"),
    says="Staff exchanges that both sides agreed to for the year, held ones among them.",
)
indicator(
    "national-events",
    title="National events",
    unit="count",
    value=lambda cells: len(with_national_event(cells)),
    says="Members that led a national event in the year; each counts once.",
    trend=national_events_by_day,
    only_where_named=True,
)
indicator(
    "activities-planned",
    title="Activities in the plan",
    unit="count",
    value=in_plan,
    says="Activities that stand in the year's plan now.",
)
indicator(
    "activities-held",
    title="Activities held",
    unit="count",
    value=lambda cells: cells.total("held"),
    says="Activities held, of the plan and beside it.",
    trend=lambda cells: running((day, count) for day, _, count in cells.days("held")),
)
indicator(
    "registrations",
    title="Registrations",
    unit="count",
    value=lambda cells: cells.total("registrations"),
    says="Places given in the year, cancelled ones taken back.",
    trend=lambda cells: running((day, count) for day, _, count in cells.days("registrations")),
)
indicator(
    "waiting",
    title="On a waitlist",
    unit="count",
    value=lambda cells: cells.total("waiting"),
    says="People who wait for a place now.",
)
indicator(
    "participations",
    title="Participations",
    unit="count",
    value=lambda cells: cells.total("participations"),
    says="People present, each once an activity.",
    trend=lambda cells: running((day, count) for day, _, count in cells.days("participations")),
)
indicator(
    "persons",
    title="Persons reached",
    unit="count",
    value=lambda cells: cells.count("persons", "person"),
    says="Persons who were present at an activity of the year, each once, however many activities they came to.",
)
indicator(
    "members-reached",
    title="Members reached",
    unit="count",
    value=lambda cells: len(members_reached(cells)),
    says="Members of the network with somebody present at an activity of the year.",
)
indicator(
    "requests",
    title="Requests",
    unit="count",
    value=requests_submitted,
    says="Requests submitted in the year.",
    trend=lambda cells: running(submitted_by_day(cells)),
)
indicator(
    "requests-decided",
    title="Requests decided",
    unit="share",
    value=requests_decided,
    says="Of the requests submitted in the year, those that are no longer open.",
    part="requests decided",
    whole="requests submitted",
)
