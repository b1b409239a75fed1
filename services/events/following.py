"""What falls due in this service by itself, and what that needs of it: surveys, calls for practices, alerts."""

from services.events import practising
from services.events.answers import Answers
from services.events.commands import (
    CloseSurvey,
    DrawPlaces,
    FillPlaces,
    LapseOffer,
    OpenFollowUp,
    ReleaseQuotas,
    RemindSurvey,
)
from services.events.commands.alert import ExpireAlert
from services.events.commands.practice import ClosePracticeCall
from services.events.handlers import activity, draw_places, feedback
from services.events.sealed import Sealed
from services.events.vouchers import Links
from services.events.warning import Channel
from shared.spine.service import Service
from shared.spine.store import GroupingStore, Store


def follow(service: Service) -> None:
    """Enter what is due into the service's table."""
    links = Links(service.db, Sealed(service.settings, "tokens"))
    answers = Answers(service.db)

    async def close(command: CloseSurvey, store: Store) -> None:
        assert isinstance(store, GroupingStore)
        await feedback.close_survey(command, store, links, answers)

    async def ask_again(command: OpenFollowUp, store: Store) -> None:
        assert isinstance(store, GroupingStore)
        await feedback.open_follow_up(command, store, links)

    draws = Sealed(service.settings, "draws")

    async def draw(command: DrawPlaces, store: Store) -> None:
        await draw_places(command, store, service.db, draws)

    async def decide(command: LapseOffer | ReleaseQuotas, store: Store) -> None:
        await activity.change_activity(command, command.activity, store)

    async def fill(command: FillPlaces, store: Store) -> None:
        assert isinstance(store, GroupingStore)
        step, more = 0, True
        while more:
            step += 1
            of_step = store.row(f"{store.origin.command_id}/{step}")
            more = bool((await activity.change_activity(command, command.activity, of_step)).events)

    service.listen.due(DrawPlaces, draw)
    service.listen.due(FillPlaces, fill)
    service.listen.due(LapseOffer, decide)
    service.listen.due(ReleaseQuotas, decide)
    channel = Channel(service.db, Sealed(service.settings, "alerts"))

    async def expire(command: ExpireAlert, store: Store) -> None:
        await channel.expire(command, store)

    service.listen.due(ClosePracticeCall, practising.close_call)
    service.listen.due(ExpireAlert, expire)
    service.listen.due(CloseSurvey, close)
    service.listen.due(OpenFollowUp, ask_again)
    service.listen.due(RemindSurvey, feedback.remind_survey)
