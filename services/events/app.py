"""Puts the rooms together: `uvicorn services.events.app:app`."""

import logging
from pathlib import Path

from services.events import certifying, personal, queries
from services.events.answers import Answers
from services.events.consumers import listen
from services.events.documenting import DOCUMENTS
from services.events.following import follow
from services.events.letters import letters
from services.events.practice_letters import write_into
from services.events.practising import PRACTICE, THEMES
from services.events.queries import practice as practices
from services.events.search import INDEX
from services.events.streams import ACTIVITY, ATTENDANCE, SURVEY
from services.events.warning import WARNING, Channel
from services.events.web import certificate_mine, routers
from services.events.web.feedback import unlogged
from shared.files import Files, sweeper
from shared.mongo import Database
from shared.spine.app import build_app
from shared.spine.service import Service
from shared.web.on_behalf import officers_router
from shared.web.search import search_router

logging.getLogger("uvicorn.access").addFilter(unlogged)
logging.getLogger("uvicorn.access").addFilter(certificate_mine.unlogged)


async def prepare(db: Database) -> None:
    await queries.prepare(db)
    await certifying.prepare(db)
    await Answers.prepare(db)
    await practices.prepare(db)
    await Channel.prepare(db)
    await INDEX.prepare(db)
    await Files(db).prepare()


personal.enter()
write_into(letters)
service = Service(
    "events",
    aggregates=(ACTIVITY, ATTENDANCE, SURVEY, *certifying.AGGREGATES, DOCUMENTS, PRACTICE, THEMES, WARNING),
    listen=listen,
    hears=("requests", "matching"),
    letters=letters,
    prepare=prepare,
    background=(sweeper, INDEX.follow),
)
personal.gives_places_back(service)
follow(service)
certifying.follow(service)
app = build_app(
    service,
    title="Liaison: events",
    summary="Activities, registrations, attendance and feedback.",
    routers=(*routers, search_router("events", INDEX), officers_router("events")),
    templates=Path(__file__).parent / "templates",
)
