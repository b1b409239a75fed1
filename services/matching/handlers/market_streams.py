"""The aggregates of the markets without calls, and what falls due in them."""

from collections.abc import Iterable

from services.matching.commands.experts import RematchMarket
from services.matching.domain import demand, expert, idea, market_run, meeting, partner, promoter, roster
from services.matching.handlers.streams import RERUN_AFTER
from shared import clock
from shared.contracts.base import Event
from shared.contracts.experts import (
    ExpertAssessed,
    ExpertCalledOff,
    ExpertChanged,
    ExpertDeclined,
    ExpertLapsed,
    ExpertsSought,
)
from shared.contracts.ideas import (
    IdeaPut,
    PartnerCalledOff,
    PartnerDeclined,
    PartnerLapsed,
    PartnershipChanged,
    PartnershipOffered,
)
from shared.spine.aggregate import Aggregate, Deadline

_EXPERTS = (ExpertAssessed, ExpertCalledOff, ExpertChanged, ExpertDeclined, ExpertLapsed, ExpertsSought)
_IDEAS = (IdeaPut, PartnerCalledOff, PartnerDeclined, PartnerLapsed, PartnershipChanged, PartnershipOffered)


def _rematch(event: Event) -> Iterable[Deadline]:
    """Whatever comes free or arrives is matched a little later; the next puts it off."""
    of = getattr(event, "market", "")
    if of and isinstance(event, (*_EXPERTS, *_IDEAS)):
        command = RematchMarket(market="experts" if isinstance(event, _EXPERTS) else "ideas")
        yield Deadline(f"rematch-{of}", clock.now() + RERUN_AFTER, command)


def _of_expert(stream: str, event: Event) -> Iterable[Deadline]:
    yield from (Deadline(*one) for one in expert.time_on_list(stream, event))
    yield from _rematch(event)


def _of_demand(stream: str, event: Event) -> Iterable[Deadline]:
    yield from (Deadline(*one) for one in demand.answer_deadline(stream, event))
    yield from _rematch(event)


def _of_idea(stream: str, event: Event) -> Iterable[Deadline]:
    yield from (Deadline(*one) for one in idea.answer_deadline(stream, event))
    yield from _rematch(event)


def _of_partner(_stream: str, event: Event) -> Iterable[Deadline]:
    yield from _rematch(event)


def _of_meeting(stream: str, event: Event) -> Iterable[Deadline]:
    yield from (Deadline(*one) for one in meeting.times_over(stream, event))


MARKET_AGGREGATES = (
    Aggregate("roster", roster.Roster, roster.evolve),
    Aggregate("expert", expert.Expert, expert.evolve, deadlines=_of_expert),
    Aggregate("demand", demand.Demand, demand.evolve, fold=2, deadlines=_of_demand),
    Aggregate("market", market_run.Runs, market_run.evolve),
    Aggregate("idea", idea.Idea, idea.evolve, fold=2, deadlines=_of_idea),
    Aggregate("partner", partner.Partner, partner.evolve, deadlines=_of_partner),
    Aggregate("promoter", promoter.Promoter, promoter.evolve),
    Aggregate("meeting", meeting.Meeting, meeting.evolve, deadlines=_of_meeting),
)
