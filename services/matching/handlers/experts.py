"""The market for experts: calls, applications, the list, what activities need, who is asked and what they say."""

import calendar
from datetime import date, timedelta
from typing import Any

from services.matching.commands.experts import (
    AcceptSeat,
    Apply,
    Assess,
    ChangeExpert,
    CloseRoster,
    DeclineSeat,
    ExpireExpert,
    LapseSeat,
    OpenRoster,
    ProposeExpert,
    RemindExpert,
    RenewExpert,
    SeekExperts,
    UseExperts,
    WithdrawDemand,
    WithdrawExpert,
)
from services.matching.domain import demand, expert, roster
from services.matching.handlers.streams import check_focus, check_words, said
from shared import clock
from shared.contracts.refused import Refused
from shared.ids import fixed_id, new_id
from shared.profiles import load
from shared.spine.aggregate import Decide
from shared.spine.draft import Receipt
from shared.spine.store import Store

EXPERTS = "experts"


def market_name(network: str, market: str) -> str:
    """The stream that names a market's runs, and by which a run by itself is put off."""
    return fixed_id("market", network, market)


def expert_of(network: str, person: str) -> str:
    """One person is one expert of a network."""
    return fixed_id("expert", network, person)


async def open_roster(command: OpenRoster, store: Store, number: int = 1) -> Receipt:
    check_focus(command.areas, store)
    command = command.model_copy(update={"number": number})
    return await store.execute(new_id("roster"), command, roster.decide)


async def close_roster(command: CloseRoster, store: Store) -> Receipt:
    return await store.execute(command.roster, command, roster.decide)


async def apply(command: Apply, store: Store, person: str) -> Receipt:
    """Somebody asks to be listed; coordinators assess it."""
    network = store.origin.network
    _check_terms(command, store)
    check_words(network, [command.member] if command.member else [], [])
    name, words = expert_of(network, person), new_id("words")
    command = command.model_copy(update={"expert": name, "person": person, "words": words})
    beside = [said(name, words, command.statement, store)]
    return await store.execute_all(command, {command.roster: roster.decide, name: expert.decide}, beside)


async def change_expert(command: ChangeExpert, store: Store) -> Receipt:
    """Other languages, weeks or limits; what is agreed stays."""
    _check_terms(command, store)
    command = command.model_copy(update={"market": market_name(store.origin.network, EXPERTS)})
    return await store.execute(command.expert, command, expert.decide)


async def assess(command: Assess, store: Store) -> Receipt:
    """Listed for the time that the profile sets, or turned down; they read the reason."""
    rules = load(store.origin.network).experts
    weights = {one.id: one.weight for one in rules.criteria}
    if command.scores.keys() != weights.keys():
        raise Refused("scores-missing", "Give a score from 1 to 5 for each criterion of the profile.", status=422)
    total = sum(weights[key] * score for key, score in command.scores.items())
    if command.listed and total < rules.pass_mark * sum(weights.values()):
        sentence = "These scores are below %(mark)s on average, with which somebody is listed here."
        raise Refused("scores-too-low", sentence, status=422, mark=rules.pass_mark)
    words = new_id("words")
    until = in_months(command.when.date() if command.happened_at else clock.now().date(), rules.valid_months)
    update: dict[str, Any] = {"words": words, "score": total, "market": market_name(store.origin.network, EXPERTS)}
    update |= {"valid_until": until, "remind_on": until - timedelta(days=rules.remind_days)}
    beside = [said(command.expert, words, command.reason, store)]
    return await store.execute(command.expert, command.model_copy(update=update), expert.decide, beside)


async def remind_expert(command: RemindExpert, store: Store) -> Receipt:
    return await store.execute(command.expert, command, expert.decide)


async def renew_expert(command: RenewExpert, store: Store) -> Receipt:
    """As long again, from the end of the time that runs; once the reminder was sent."""
    state: expert.Expert = await store.load(command.expert)
    rules = load(store.origin.network).experts
    if state.status is expert.Status.LISTED and not state.reminded:
        raise Refused("too-early", "You will be asked shortly before the time on the list ends.")
    until = in_months(state.valid_until or clock.now().date(), rules.valid_months)
    update = {"valid_until": until, "remind_on": until - timedelta(days=rules.remind_days)}
    return await store.execute(command.expert, command.model_copy(update=update), expert.decide)


async def expire_expert(command: ExpireExpert, store: Store) -> Receipt:
    return await store.execute(command.expert, command, expert.decide)


async def withdraw_expert(command: WithdrawExpert, store: Store) -> Receipt:
    """They leave; the activities that count on them seek somebody else."""
    state: expert.Expert = await store.load(command.expert)
    today = (command.when if command.happened_at else clock.now()).date()
    demands = {one.demand for one in state.to_come(today).values()}
    decides: dict[str, Decide] = {command.expert: expert.decide}
    return await store.execute_all(command, decides | dict.fromkeys(sorted(demands), demand.decide))


async def seek_experts(command: SeekExperts, store: Store) -> Receipt:
    """An activity needs experts; the next run looks for them."""
    check_focus((command.area,), store)
    check_words(store.origin.network, [], [*command.languages, *command.levels])
    name, words = new_id("demand"), new_id("words")
    command = command.model_copy(update={"market": market_name(store.origin.network, EXPERTS), "words": words})
    return await store.execute(name, command, demand.decide, [said(name, words, "", store, title=command.title)])


async def withdraw_demand(command: WithdrawDemand, store: Store) -> Receipt:
    """It needs nobody any more; who was asked is free again and reads why."""
    state: demand.Demand = await store.load(command.demand)
    words = new_id("words")
    decides: dict[str, Decide] = {command.demand: demand.decide}
    decides |= dict.fromkeys(sorted({one.expert for one in state.living.values()}), expert.decide)
    beside = [said(command.demand, words, command.reason, store)]
    return await store.execute_all(command.model_copy(update={"words": words}), decides, beside)


async def propose_expert(command: ProposeExpert, store: Store) -> Receipt:
    """The expert is asked; their weeks are held until they answer or the time is over."""
    asked: demand.Demand = await store.load(command.demand)
    who: expert.Expert = await store.load(command.expert)
    update: dict[str, Any] = {name: getattr(asked, name) for name in ("area", "weeks", "market")}
    update |= {"until": asked.ends, "person": who.person, "member": who.member}
    update["level"] = asked.levels.get(command.language or "")
    update["answer_days"] = load(store.origin.network).experts.answer_days
    decides: dict[str, Decide] = {command.demand: demand.decide, command.expert: expert.decide}
    return await store.execute_all(command.model_copy(update=update), decides)


async def accept_seat(command: AcceptSeat, store: Store) -> Receipt:
    return await store.execute(command.demand, command, demand.decide)


async def decline_seat(command: DeclineSeat, store: Store) -> Receipt:
    """Their weeks are free again, and somebody else is looked for."""
    beside = []
    if command.reason:
        command = command.model_copy(update={"words": new_id("words")})
        beside = [said(command.demand, command.words, command.reason, store)]
    return await store.execute_all(command, await _both(command, store), beside)


async def lapse_seat(command: LapseSeat, store: Store) -> Receipt | None:
    """No answer in time counts as a no; after an answer nothing follows."""
    state: demand.Demand = await store.load(command.demand)
    seat = state.seats.get(command.seat)
    if seat is None or seat.answer is not demand.Answer.PROPOSED:
        return None
    return await store.execute_all(command, await _both(command, store))


async def use_experts(command: UseExperts, store: Store) -> Receipt:
    return await store.execute(command.demand, command, demand.decide)


def in_months(day: date, months: int) -> date:
    """The same day so many months later, or the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


async def _both(command: DeclineSeat | LapseSeat, store: Store) -> dict[str, Decide]:
    state: demand.Demand = await store.load(command.demand)
    seat = state.seats.get(command.seat)
    if seat is None:
        raise Refused("not-found", "There is no such question here.", status=404)
    return {command.demand: demand.decide, seat.expert: expert.decide}


def _check_terms(command: Apply | ChangeExpert, store: Store) -> None:
    network = store.origin.network
    check_focus(command.areas, store)
    check_words(network, [], [*command.languages, *command.levels])
    most = load(network).experts.most
    if command.most > most:
        sentence = "Offer %(most)s assignments a year at most."
        raise Refused("load-too-high", sentence, status=422, most=most)
