"""When a first answer is due, as the network's profile says."""

from dataclasses import dataclass
from datetime import date, timedelta

from shared import clock
from shared.profiles import load

from .domain.state import Status
from .queries import Filter, Shown


@dataclass(frozen=True, slots=True)
class Due:
    on: date
    over: bool


def due_of(shown: Shown) -> Due | None:
    """None for what waits for no first answer, and where the network sets no time for it."""
    days = load(shown.network).first_answer_days
    if days is None or shown.status is not Status.SUBMITTED:
        return None
    since = date.fromisoformat(shown.state["waits_since"] or shown.state["submitted_on"])
    on = since + timedelta(days=days)
    return Due(on, on < clock.now().date())


def overdue(network: str, member: str | None = None) -> Filter | None:
    """What a list is narrowed to for those that should have had an answer; None where no time is set."""
    days = load(network).first_answer_days
    if days is None:
        return None
    return Filter(member=member, waits_since_before=(clock.now().date() - timedelta(days=days)).isoformat())
