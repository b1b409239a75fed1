"""The market for partners: ideas, offers to join them, and what both sides say to what is proposed."""

from typing import Any

from services.matching.commands.ideas import (
    AcceptPartner,
    ChangePartnership,
    DeclinePartner,
    LapsePartner,
    MakeProject,
    OfferPartnership,
    ProposePartner,
    PutIdea,
    WithdrawIdea,
    WithdrawPartnership,
)
from services.matching.domain import idea, partner
from services.matching.handlers.experts import market_name
from services.matching.handlers.streams import check_focus, check_words, said
from shared.contracts.refused import Refused
from shared.ids import fixed_id, new_id
from shared.profiles import load
from shared.spine.aggregate import Decide
from shared.spine.draft import Receipt
from shared.spine.store import Store

IDEAS = "ideas"


async def put_idea(command: PutIdea, store: Store) -> Receipt:
    """Partners are looked for from the next run on."""
    network = store.origin.network
    check_focus((command.theme,), store)
    _check_roles(network, command.roles)
    check_words(network, [command.lead, *command.wishes, *command.excluded], command.languages)
    name, words = new_id("idea"), new_id("words")
    command = command.model_copy(update={"words": words, "market": market_name(network, IDEAS)})
    beside = [said(name, words, command.summary, store, title=command.title)]
    return await store.execute(name, command, idea.decide, beside)


async def withdraw_idea(command: WithdrawIdea, store: Store) -> Receipt:
    """Partners that joined or were asked are free again and read why."""
    state: idea.Idea = await store.load(command.idea)
    words = new_id("words")
    decides: dict[str, Decide] = {command.idea: idea.decide}
    decides |= dict.fromkeys(sorted({one.partner for one in state.living.values()}), partner.decide)
    beside = [said(command.idea, words, command.reason, store)]
    return await store.execute_all(command.model_copy(update={"words": words}), decides, beside)


async def make_project(command: MakeProject, store: Store) -> Receipt:
    return await store.execute(command.idea, command, idea.decide)


async def offer_partnership(command: OfferPartnership, store: Store) -> Receipt:
    """One offer a member: what it would join, and how often."""
    network = store.origin.network
    _check_partnering(command, store)
    check_words(network, [command.member, *command.excluded], command.languages)
    command = command.model_copy(update={"market": market_name(network, IDEAS)})
    return await store.execute(fixed_id("partner", network, command.member), command, partner.decide)


async def change_partnership(command: ChangePartnership, store: Store) -> Receipt:
    network = store.origin.network
    _check_partnering(command, store)
    check_words(network, command.excluded, command.languages)
    command = command.model_copy(update={"market": market_name(network, IDEAS)})
    return await store.execute(command.partner, command, partner.decide)


async def withdraw_partnership(command: WithdrawPartnership, store: Store) -> Receipt:
    return await store.execute(command.partner, command, partner.decide)


async def propose_partner(command: ProposePartner, store: Store) -> Receipt:
    """Lead and partner are asked; the partner's place is held until both answer or the time is over."""
    asks: idea.Idea = await store.load(command.idea)
    joins: partner.Partner = await store.load(command.partner)
    update: dict[str, Any] = {"member": joins.member, "theme": asks.theme, "lead": asks.lead}
    update |= {"languages": asks.languages, "answer_days": load(store.origin.network).ideas.answer_days}
    decides: dict[str, Decide] = {command.idea: idea.decide, command.partner: partner.decide}
    return await store.execute_all(command.model_copy(update=update), decides)


async def accept_partner(command: AcceptPartner, store: Store) -> Receipt:
    return await store.execute(command.idea, command, idea.decide)


async def decline_partner(command: DeclinePartner, store: Store) -> Receipt:
    """The place is free again, and another partner is looked for."""
    beside = []
    if command.reason:
        command = command.model_copy(update={"words": new_id("words")})
        beside = [said(command.idea, command.words, command.reason, store, by=command.member)]
    return await store.execute_all(command, await _both(command, store), beside)


async def lapse_partner(command: LapsePartner, store: Store) -> Receipt | None:
    state: idea.Idea = await store.load(command.idea)
    seat = state.seats.get(command.seat)
    if seat is None or seat.answer is not idea.Answer.PROPOSED or state.status is not idea.Status.OPEN:
        return None
    return await store.execute_all(command, await _both(command, store))


async def _both(command: DeclinePartner | LapsePartner, store: Store) -> dict[str, Decide]:
    state: idea.Idea = await store.load(command.idea)
    seat = state.seats.get(command.seat)
    if seat is None:
        raise Refused("not-found", "There is no such proposal here.", status=404)
    return {command.idea: idea.decide, seat.partner: partner.decide}


def _check_roles(network: str, roles: Any) -> None:
    known = {one.id for one in load(network).ideas.roles}
    if not known.issuperset(roles):
        raise Refused("role-unknown", "Choose roles that your network's profile names.", status=422)


def _check_partnering(command: OfferPartnership | ChangePartnership, store: Store) -> None:
    check_focus(command.themes, store)
    _check_roles(store.origin.network, command.roles)
    most = load(store.origin.network).ideas.most
    if command.most > most:
        raise Refused("load-too-high", "Offer to join %(most)s ideas at most.", status=422, most=most)
