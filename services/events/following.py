"""What falls due in this service by itself, and what that needs of it: surveys, calls for practices, alerts."""

from services.events.answers import Answers
from services.events.commands import CloseSurvey, OpenFollowUp, RemindSurvey
from services.events.handlers import feedback
from services.events.sealed import Sealed
from services.events.vouchers import Links
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

    service.listen.due(CloseSurvey, close)
    service.listen.due(OpenFollowUp, ask_again)
    service.listen.due(RemindSurvey, feedback.remind_survey)
