"""What `requests` does when it hears something."""

from shared.contracts.envelope import Received
from shared.contracts.events import ActivityCancelled, ActivityEvent, ActivityHeld, ActivityScheduled
from shared.contracts.vocabulary import Quarter
from shared.spine.listener import Listener
from shared.spine.store import Store

from . import calls, exchanging, hearing
from .analysing import remind_of_needs
from .commands import FulfilRequest, NoteActivity, ReturnRequest
from .consulting import close_consultation
from .domain.consultation import CloseConsultation
from .domain.needs import RemindOfNeeds
from .handlers import fulfil_request, note_activity, return_request


async def close_request(received: Received, store: Store) -> None:
    event = received.event
    assert isinstance(event, ActivityHeld)
    if event.request:
        command = FulfilRequest(
            request=event.request, activity=received.stream, happened_at=received.envelope.happened_at
        )
        await fulfil_request(command, store)


async def keep_date(received: Received, store: Store) -> None:
    event = received.event
    assert isinstance(event, ActivityScheduled)
    await _note(received, store, {"status": "scheduled", "on": event.starts_on.isoformat()})


async def keep_held(received: Received, store: Store) -> None:
    event = received.event
    assert isinstance(event, ActivityHeld)
    await _note(received, store, {"status": "held", "on": event.held_on.isoformat()})


async def keep_cancelled(received: Received, store: Store) -> None:
    await _note(received, store, {"status": "cancelled", "on": received.envelope.happened_on})


async def take_back(received: Received, store: Store) -> None:
    """Its activity will not be held: the request is to be decided anew."""
    event = received.event
    assert isinstance(event, ActivityCancelled)
    if event.request:
        at = received.envelope.happened_at
        await return_request(ReturnRequest(request=event.request, activity=received.stream, happened_at=at), store)


async def _note(received: Received, store: Store, facts: dict[str, object]) -> None:
    """For activities of the plan alone; the others are none of its readers' business."""
    event = received.event
    assert isinstance(event, ActivityEvent)
    if event.planned and event.quarter:
        command = NoteActivity(activity=received.stream, happened_at=received.envelope.happened_at)
        await note_activity(command, Quarter.parse(event.quarter).year, facts, store)


listen = Listener()
listen.on(ActivityScheduled, keep_date)
listen.on(ActivityHeld, close_request)
listen.on(ActivityHeld, keep_held)
listen.on(ActivityCancelled, keep_cancelled)
listen.on(ActivityCancelled, take_back)
listen.due(RemindOfNeeds, remind_of_needs)
hearing.listen_with(listen)
calls.listen_with(listen)
exchanging.listen_with(listen)
listen.due(CloseConsultation, close_consultation)
