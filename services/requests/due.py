"""When an answer is due, as the network's profile says: a first one, or another to what was deferred until now."""

from dataclasses import dataclass
from datetime import date, timedelta

from shared import clock
from shared.contracts.vocabulary import Quarter
from shared.profiles import load

from .domain.state import Status
from .queries import Filter, Shown


@dataclass(frozen=True, slots=True)
class Due:
    on: date
    over: bool


def due_of(shown: Shown) -> Due | None:
    """None for what waits for no answer yet, and where the network sets no time for it."""
    days, since, today = load(shown.network).first_answer_days, _since(shown), clock.now().date()
    if days is None or since is None or since > today:
        return None
    on = since + timedelta(days=days)
    return Due(on, on < today)


def _since(shown: Shown) -> date | None:
    """What was deferred is weighed again once its quarter has begun."""
    match shown.status:
        case Status.SUBMITTED:
            return date.fromisoformat(shown.state["waits_since"] or shown.state["submitted_on"])
        case Status.DEFERRED if shown.state["quarter"]:
            return Quarter.parse(shown.state["quarter"]).first_day
    return None


def overdue(network: str, member: str | None = None) -> Filter | None:
    """What a list is narrowed to for those that should have had an answer; None where no time is set."""
    days = load(network).first_answer_days
    if days is None:
        return None
    return Filter(member=member, waits_since_before=(clock.now().date() - timedelta(days=days)).isoformat())
