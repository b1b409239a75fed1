"""How places are given, and what is said about one registration, by API."""

from typing import Literal, Self

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, model_validator

from services.events import handlers
from services.events.commands import (
    AcceptOffer,
    ApproveRegistration,
    DeclineRegistration,
    EndorseRegistration,
    Rules,
    SetRules,
    SubstitutePerson,
)
from services.events.domain.booking import REQUESTED
from services.events.intake import Named, registrants
from services.events.web.answering import Nominator, Own, own
from services.events.web.asked import ActivityPath, IdempotencyKey, RegistrationPath, found, people_of
from services.events.web.desk import Organiser
from services.events.web.rules import sealed_of
from shared.contracts.refused import Refused
from shared.spine.http import store_for

router = APIRouter(prefix="/events/api/v1", tags=["events"])
_ONE = "/activities/{activity:activity}/registrations/{registration:registration}"


class Published(BaseModel):
    """How places are given; of a draw the hash of its seed, and once it was made, the seed."""

    policy: Literal["first-come", "draw", "coverage"]
    offer_hours: int | None
    approval: Literal["none", "one", "two"]
    draw_at: str | None
    commitment: str
    seed: str


class Standing(BaseModel):
    """What a registration is now."""

    registration: str
    status: str
    offered_until: str | None = None


class SubstituteBody(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str
    email: str

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        Named(name=self.name, email=self.email)
        return self


@router.post("/activities/{activity:activity}/rules", summary="Publish how places are given")
async def set_rules(
    request: Request, activity: ActivityPath, body: Rules, principal: Organiser, idempotency_key: IdempotencyKey = None
) -> Published:
    command = SetRules(activity=activity, **body.model_dump())
    await handlers.set_rules(command, store_for(request, principal, source="api"), sealed_of(request))
    state = (await found(request, principal, activity)).state
    return Published(
        policy=state.policy, offer_hours=state.offer_hours, approval=state.approval, draw_at=state.draw_at or None,
        commitment=state.commitment, seed=state.seed,
    )  # fmt: skip


async def _standing(request: Request, principal: Own, activity: str, registration: str) -> Standing:
    one = (await found(request, principal, activity)).state.registrations.get(registration)
    if one is None:
        raise HTTPException(404)
    return Standing(registration=registration, status=one.status, offered_until=one.offered_until or None)


@router.post(_ONE + "/accept", summary="Take the place that is offered")
async def accept(
    request: Request, activity: ActivityPath, registration: RegistrationPath, principal: Own,
    idempotency_key: IdempotencyKey = None,
) -> Standing:  # fmt: skip
    await own(request, principal, await found(request, principal, activity), registration)
    command = AcceptOffer(activity=activity, registration=registration)
    await handlers.change_activity(command, activity, store_for(request, principal, source="api"))
    return await _standing(request, principal, activity, registration)


@router.post(_ONE + "/endorse", summary="The member stands behind a registration")
async def endorse(
    request: Request, activity: ActivityPath, registration: RegistrationPath, principal: Nominator,
    idempotency_key: IdempotencyKey = None,
) -> Standing:  # fmt: skip
    await own(request, principal, await found(request, principal, activity), registration)
    command = EndorseRegistration(activity=activity, registration=registration)
    await handlers.change_activity(command, activity, store_for(request, principal, source="api"))
    return await _standing(request, principal, activity, registration)


@router.post(_ONE + "/approve", summary="Approve a registration: a place, or a place in line")
async def approve(
    request: Request, activity: ActivityPath, registration: RegistrationPath, principal: Organiser,
    idempotency_key: IdempotencyKey = None,
) -> Standing:  # fmt: skip
    await own(request, principal, await found(request, principal, activity), registration)
    command = ApproveRegistration(activity=activity, registration=registration)
    await handlers.change_activity(command, activity, store_for(request, principal, source="api"))
    return await _standing(request, principal, activity, registration)


@router.post(_ONE + "/decline", summary="Do not endorse, or do not approve")
async def decline(
    request: Request, activity: ActivityPath, registration: RegistrationPath, principal: Nominator,
    idempotency_key: IdempotencyKey = None,
) -> Standing:  # fmt: skip
    before = await own(request, principal, await found(request, principal, activity), registration)
    if not principal.may("events.organise") and before.status != REQUESTED:
        raise Refused("is-endorsed", "It is endorsed already: cancel it instead.")
    command = DeclineRegistration(activity=activity, registration=registration)
    await handlers.change_activity(command, activity, store_for(request, principal, source="api"))
    return await _standing(request, principal, activity, registration)


@router.post(_ONE + "/substitute", summary="Somebody else of the same member comes instead")
async def substitute(
    request: Request, activity: ActivityPath, registration: RegistrationPath, body: SubstituteBody,
    principal: Nominator, *, idempotency_key: IdempotencyKey = None,
) -> Standing:  # fmt: skip
    before = await own(request, principal, await found(request, principal, activity), registration)
    named = Named(name=body.name, email=body.email, member=before.member)
    (who,) = await registrants([named], people_of(request), principal.network, form="api")
    command = SubstitutePerson(activity=activity, registration=registration, person=who.person)
    await handlers.change_activity(command, activity, store_for(request, principal, source="api"))
    now = (await found(request, principal, activity)).state
    return await _standing(request, principal, activity, now.people[who.person])
