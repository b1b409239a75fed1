"""Mobility promoters: their pages, and the meetings they are asked for."""

from services.matching.commands.promoters import (
    AgreeMeeting,
    AskMeeting,
    DeclineMeeting,
    HidePromoter,
    LapseMeeting,
    MoveMeeting,
    ShowPromoter,
)
from services.matching.domain import meeting, promoter
from services.matching.handlers.streams import check_focus, check_words, said
from shared.contracts.refused import Refused
from shared.ids import fixed_id, new_id
from shared.spine.draft import Receipt
from shared.spine.store import Store


def promoter_of(network: str, person: str) -> str:
    """One person has one page in a network."""
    return fixed_id("promoter", network, person)


async def show_promoter(command: ShowPromoter, store: Store, person: str, member: str | None) -> Receipt:
    """One's own page, for all members of the network."""
    network = store.origin.network
    check_focus(command.themes, store)
    check_words(network, [], command.languages)
    name, words = promoter_of(network, person), new_id("words")
    update = {"promoter": name, "person": person, "member": member, "words": words}
    beside = [said(name, words, command.about, store)]
    return await store.execute(name, command.model_copy(update=update), promoter.decide, beside)


async def hide_promoter(command: HidePromoter, store: Store) -> Receipt:
    return await store.execute(command.promoter, command, promoter.decide)


async def ask_meeting(command: AskMeeting, store: Store, asker: str) -> Receipt:
    """The promoter is written to and accepts one of the times, proposes others, or declines."""
    state: promoter.Promoter = await store.load(command.promoter)
    if state.status is not promoter.Status.SHOWN:
        raise Refused("promoter-gone", "This promoter shows no page any more.")
    name, words = new_id("meeting"), new_id("words")
    update = {"asker": asker, "person": state.person, "member": state.member, "words": words}
    beside = [said(name, words, command.message, store)]
    return await store.execute(name, command.model_copy(update=update), meeting.decide, beside)


async def move_meeting(command: MoveMeeting, store: Store) -> Receipt:
    return await store.execute(command.meeting, command, meeting.decide)


async def agree_meeting(command: AgreeMeeting, store: Store) -> Receipt:
    return await store.execute(command.meeting, command, meeting.decide)


async def decline_meeting(command: DeclineMeeting, store: Store) -> Receipt:
    beside = []
    if command.reason:
        command = command.model_copy(update={"words": new_id("words")})
        beside = [said(command.meeting, command.words, command.reason, store)]
    return await store.execute(command.meeting, command, meeting.decide, beside)


async def lapse_meeting(command: LapseMeeting, store: Store) -> Receipt:
    return await store.execute(command.meeting, command, meeting.decide)
