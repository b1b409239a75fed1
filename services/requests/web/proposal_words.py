"""What a card of the triage board says of its request: why it is left out, what it takes, what speaks for it."""

from collections.abc import Mapping

from services.requests.domain.resources import RESOURCES
from services.requests.domain.triage import Item, Reason
from services.requests.queries import Shown
from services.requests.weighing import HALVES, Situation
from shared.web.formats import number
from shared.web.i18n import _, mark

from .story import quarter_words

_LACKS = {
    "budget": mark("In %(quarter)s %(by)s euros are missing: it needs %(needs)s, %(left)s are left."),
    "trainer_days": mark("In %(quarter)s %(by)s trainer days are missing: it needs %(needs)s, %(left)s are left."),
    "event_slots": mark("In %(quarter)s %(by)s slots for events are missing: it needs %(needs)s, %(left)s are left."),
    "interpretation_days": mark(
        "In %(quarter)s %(by)s days of interpretation are missing: it needs %(needs)s, %(left)s are left."
    ),
}


def why_left_out(why: Reason, titles: Mapping[str, Shown]) -> tuple[str, ...]:
    """Why it is left out, and what it would take."""
    if why.quarter is None:
        return (_("No quarter of this year is left for it: defer it to another year."),)
    told = []
    for lack in why.short:
        halves = HALVES[lack.resource]
        amounts = {"by": lack.by, "needs": lack.needs, "left": lack.left}
        words = {name: number(amount / halves) for name, amount in amounts.items()}
        told.append(_(_LACKS[RESOURCES[lack.resource]], quarter=quarter_words(why.quarter), **words))
    if why.kind_cap is not None:
        told.append(_("The year may have no more of this kind: its cap is reached."))
    if why.member_cap is not None:
        told.append(_("This member has as many in the proposal as one may have."))
    if why.verified:
        told.append(_("With that it fits beside everything that is proposed."))
    if why.instead_of is not None and why.instead_of in titles:
        told.append(_("Or it takes the place of “%(title)s”.", title=titles[why.instead_of].title))
    return tuple(told)


def what_speaks_for(now: Situation, item: Item, quarter: str | None = None) -> tuple[str, ...]:
    """What it takes and what speaks for it."""
    budget, trainers, slots, interpretation = (number(amount) for amount in cost_in_words(item).values())
    told = [
        _(
            "It takes %(budget)s euros; trainer days: %(trainers)s; slots for events: %(slots)s; days of "
            "interpretation: %(interpretation)s.",
            budget=budget, trainers=trainers, slots=slots, interpretation=interpretation,
        )
    ]  # fmt: skip
    need, age = now.scale.parts(now.requests[item.id])
    points = dict(item.points).get(quarter or "", max((one for _at, one in item.points), default=0))
    if points:
        words = {"points": number(points), "need": number(need), "age": number(age)}
        told.append(_("It weighs %(points)s points: %(need)s for need and %(age)s for its age among them.", **words))
    if item.member in now.problem.first:
        told.append(_("Its member has no activity in the plan of %(year)s yet.", year=now.year))
    return tuple(told)


def cost_in_words(item: Item) -> dict[str, float]:
    """What a request costs, each resource in its own unit."""
    return {name: item.cost[place] / HALVES[place] for place, name in enumerate(RESOURCES)}
