"""The aggregates of this service, its collections beside them, and what a profile lays down for its calls."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from services.matching.commands import RerunMatch
from services.matching.domain import call, exchange, interest, offer
from shared import clock
from shared.contracts.base import Event
from shared.contracts.matching import (
    ExchangeCancelled,
    ExchangeDeclined,
    ExchangeLapsed,
    ExchangeMissed,
    ExchangeTakenBack,
    InterestChanged,
    InterestEndorsed,
    InterestFiled,
    OfferChanged,
    OfferMade,
)
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import Language
from shared.profiles import Profile, load
from shared.profiles.markets import ORDINARY, Market
from shared.spine.aggregate import Aggregate, Deadline
from shared.spine.draft import Put
from shared.spine.store import Store

RUNS, WORDS = "runs", "words"
RERUN_AFTER = timedelta(minutes=1)
"""What frees places or arrives within it is matched together."""


def _rerun(stream: str, event: Event) -> Iterable[Deadline]:
    """Places that come free, and what arrives in a rolling call, are matched a little later; the next puts it off."""
    match event:
        case ExchangeDeclined() | ExchangeLapsed() | ExchangeTakenBack() | ExchangeCancelled():
            yield Deadline(f"rerun-{event.call}", clock.now() + RERUN_AFTER, RerunMatch(call=event.call))
        case ExchangeMissed(call=of):
            yield Deadline(f"rerun-{of}", None)  # its weeks are over: nothing came free
        case InterestFiled(call=of, rolling=True) | OfferMade(call=of, rolling=True):
            yield Deadline(f"arrived-{of}", clock.now() + RERUN_AFTER, RerunMatch(call=of, arrived=True))
        case InterestChanged(call=of) | InterestEndorsed(call=of) | OfferChanged(call=of):
            # whether the call is a rolling one the run asks: these say nothing of it
            yield Deadline(f"arrived-{of}", clock.now() + RERUN_AFTER, RerunMatch(call=of, arrived=True))


def _of_exchange(stream: str, event: Event) -> Iterable[Deadline]:
    yield from (Deadline(*one) for one in exchange.answer_deadline(stream, event))
    yield from _rerun(stream, event)


def _of_call(stream: str, event: Event) -> Iterable[Deadline]:
    yield from (Deadline(*one) for one in call.closing(stream, event))


CALL = Aggregate("call", call.Call, call.evolve, fold=2, deadlines=_of_call)
INTEREST = Aggregate("interest", interest.Interest, interest.evolve, fold=3, deadlines=_rerun)
OFFER = Aggregate("offer", offer.Offer, offer.evolve, fold=2, deadlines=_rerun)
EXCHANGE = Aggregate("exchange", exchange.Exchange, exchange.evolve, fold=3, deadlines=_of_exchange)


def focus_areas(profile: Profile) -> list[tuple[str, str]]:
    """What a network's calls may be about: its focus areas, or its topics where its documents name none."""
    return [(term.id, term.title) for term in profile.focus_areas or profile.topics]


def languages(profile: Profile) -> list[str]:
    """The network's own languages first, then the other official ones."""
    return list(dict.fromkeys([*profile.languages, *(language.value for language in Language)]))


def market_of(network: str, market: str) -> Market:
    """What the profile lays down for a market; refused where the network has none of that name."""
    found = load(network).markets.get(market) or ORDINARY.get(market)
    if found is None:
        raise Refused("market-unknown", "Choose a market that your network's profile names.", status=422)
    return found


def check_focus(areas: Sequence[str], store: Store) -> None:
    known = {area for area, _ in focus_areas(load(store.origin.network))}
    if not known.issuperset(areas):
        raise Refused("focus-unknown", "Choose focus areas that your network's profile names.", status=422)


def check_members(network: str, members: Iterable[str]) -> None:
    profile = load(network)
    if unknown := [code for code in members if profile.member(code) is None]:
        raise Refused("member-unknown", "%(value)s is no member of this network.", status=422, value=unknown[0])


def check_words(network: str, members: Iterable[str], spoken: Iterable[str]) -> None:
    check_members(network, members)
    known = languages(load(network))
    if unknown := [code for code in spoken if code not in known]:
        raise Refused(
            "language-unknown", "Choose a language of the list; %(value)s is not in it.", status=422, value=unknown[0]
        )


def said(about: str, words: str, reason: str, store: Store, **more: str) -> Put:
    """What somebody wrote, beside the stream that it is about; the event names it by its id."""
    return Put(WORDS, words, {"network": store.origin.network, "about": about, "reason": reason, **more})
