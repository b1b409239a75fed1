"""What every route of this service needs: the activity its address names, who asks, and where things are kept."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Header, HTTPException, Path, Request
from starlette.convertors import StringConvertor, register_url_convertor

from services.events import intake, vouchers
from services.events.answers import Answers
from services.events.queries import activity as queries
from services.events.queries.activity import Found
from services.events.sealed import Sealed
from shared.mongo import Database
from shared.people import People
from shared.people.reads import Purpose
from shared.profiles import Profile
from shared.spine.service import Service
from shared.web.rights import Principal
from shared.web.wording import in_words

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def _convertor(aggregate: str) -> None:
    """Lets an address name a stream, `{activity:activity}`; what is no id of one leads to no route at all."""
    kind = type(aggregate, (StringConvertor,), {"regex": f"{aggregate}-{UUID}"})
    register_url_convertor(aggregate, kind())


_NAMED = ("activity", "survey", "registration", "connection", "certificate", "practice", "reuse", "warning")
for _name in _NAMED:
    _convertor(_name)

ActivityPath = Annotated[
    str, Path(pattern=f"^activity-{UUID}$", examples=["activity-01926a5e-7b7c-7000-8000-5f0c1d2e3a4b"])
]
SurveyPath = Annotated[str, Path(pattern=f"^survey-{UUID}$", examples=["survey-01926a5e-7b7c-7000-8000-5f0c1d2e3a4b"])]
RegistrationPath = Annotated[
    str, Path(pattern=f"^registration-{UUID}$", examples=["registration-5f0c1d2e-7b7c-5000-8000-01926a5e3a4b"])
]

IdempotencyKey = Annotated[
    str | None,
    Header(max_length=200, description="Given again with the same content, the command gets the same answer."),
]


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def db_of(request: Request) -> Database:
    return service_of(request).db


def people_of(request: Request) -> People:
    return service_of(request).people


async def names_shown(
    request: Request, principal: Principal, purpose: Purpose, persons: Iterable[str]
) -> dict[str, str]:
    """Names by person, for the reader's page; that they were shown is noted."""
    people, wanted = people_of(request), set(persons)
    await people.reads.note(principal, purpose, wanted)
    return await people.name_of(wanted)


def links_of(request: Request) -> vouchers.Links:
    return vouchers.Links(db_of(request), _sealed(request, "tokens"))


def answers_of(request: Request) -> Answers:
    return Answers(db_of(request))


def connections_of(request: Request) -> intake.Connections:
    return intake.Connections(db_of(request), _sealed(request, "connections"))


def _sealed(request: Request, purpose: str) -> Sealed:
    return Sealed(service_of(request).settings, purpose)


def profile_of(principal: Principal) -> Profile:
    return in_words(principal.network)


async def found(request: Request, principal: Principal, activity: str) -> Found:
    """The activity; 404 where there is none in the reader's network."""
    one = await queries.activity(db_of(request), principal.network, activity)
    if one is None:
        raise HTTPException(404)
    return one


async def person_of(request: Request, principal: Principal) -> str | None:
    """The reader's id in the people's register; none for a key."""
    if not principal.email:
        return None
    people = people_of(request)
    # By subject first: name and address may have been corrected since this process last asked.
    known = await people.row(principal.subject, principal.network)
    if known is not None:
        return str(known["_id"])
    return await people.remember(principal.name, principal.email, principal.member, principal.network)
