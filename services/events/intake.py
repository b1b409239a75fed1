"""Registrations that form tools send: signed webhooks, and how their answers become commands."""

import asyncio
import base64
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from standardwebhooks import Webhook, WebhookVerificationError

from shared import clock
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import normalise_country
from shared.ids import new_id
from shared.mongo import Database
from shared.people import People, normal_address
from shared.people.notices import Told
from shared.profiles import Profile

from .commands import ActivityId, Attended, Registrant, Text
from .sealed import Sealed

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
MODES: dict[str, Attended] = {
    "on-site": "on-site", "on site": "on-site", "onsite": "on-site", "in person": "on-site", "in-person": "on-site",
    "online": "online", "remote": "online", "virtual": "online",
}  # fmt: skip
"""How form tools call the ways to attend."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A form tool that may register persons for one activity."""

    id: str
    network: str
    activity: str
    secret: str


class Connections:
    """The connections of this service; their secrets are kept sealed and shown once."""

    def __init__(self, db: Database, sealed: Sealed) -> None:
        self._connections, self._sealed = db.connections, sealed

    async def create(self, network: str, activity: str, name: str, created_by: str) -> tuple[str, str]:
        """Its id, and the signing secret (`whsec_…`)."""
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        document = {"_id": new_id("connection"), "network": network, "activity": activity, "name": name}
        facts = {"created_by": created_by, "created": clock.now(), "secret": self._sealed.seal(secret)}
        await self._connections.insert_one(document | facts)
        return str(document["_id"]), secret

    async def of_activity(self, network: str, activity: str) -> list[dict[str, Any]]:
        query = {"network": network, "activity": activity}
        return await self._connections.find(query, {"secret": 0}).sort("created", 1).to_list(100)

    async def find(self, id: str) -> Connection | None:
        found = await self._connections.find_one({"_id": id})
        secret = self._sealed.open(found["secret"]) if found else None
        return Connection(id, found["network"], found["activity"], secret) if found and secret else None


class Answers(BaseModel):
    """What a registration form asks."""

    activity: ActivityId | None = None
    name: Annotated[Text, Field(min_length=1, max_length=200)]
    email: Annotated[Text, Field(min_length=3, max_length=254)]
    member: Annotated[Text, Field(min_length=1, max_length=100)]
    mode: Attended | None = None

    @field_validator("mode", mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        return MODES.get(value.strip().casefold(), value) if isinstance(value, str) and value.strip() else None


class RegistrationSubmitted(BaseModel):
    """The webhook's payload; other types are acknowledged and passed over."""

    type: Literal["registration.submitted"]
    data: Answers


def verify(connection: Connection, body: bytes, headers: Mapping[str, str], tolerance_s: int) -> dict[str, Any]:
    """The payload of a webhook that this connection signed, not long ago; else refused with 401."""
    try:
        Webhook(connection.secret).verify(body, dict(headers), json_parse=False)
        age = abs(time.time() - float(headers["webhook-timestamp"]))
    except (WebhookVerificationError, ValueError) as error:
        sentence = "The signature does not fit: sign id, time and body with the connection's secret, and send at once."
        raise Refused("signature-invalid", sentence, status=401) from error
    if age > tolerance_s:
        raise Refused("signature-old", "The message was signed too long ago; sign it again and send it.", status=401)
    try:
        payload = orjson.loads(body)
    except ValueError as error:
        raise Refused("payload-invalid", "Send a JSON object with type and data.", status=422) from error
    if not isinstance(payload, dict):
        raise Refused("payload-invalid", "Send a JSON object with type and data.", status=422)
    return payload


def answers_of(payload: dict[str, Any], connection: Connection) -> Answers | None:
    """The answers of a submitted registration; none for another type of message."""
    if payload.get("type") != "registration.submitted":
        return None
    try:
        answers = RegistrationSubmitted.model_validate(payload).data
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)
        )
        raise Refused(
            "payload-invalid", "The form's answers cannot be used: %(faults)s", status=422, faults=faults
        ) from error
    if answers.activity not in (None, connection.activity):
        raise Refused("other-activity", "This connection registers for another activity.", status=422)
    return answers


def member_code(text: str, profile: Profile) -> str:
    """The member or partner of the network that a form names, by code or name; refused where there is none."""
    if found := profile.called.get(text.strip().casefold()):
        return found
    try:
        code = str(normalise_country(text))
    except ValueError:
        code = text.strip()
    # Where the network's documents do not name all members, a code is taken as it is.
    if code in profile.member_codes or (profile.members_stated and _CODE.fullmatch(code)):
        return code
    raise Refused(
        "member-unknown", "Give a member of %(name)s, by its code or English name.", status=422, name=profile.name
    )


class Named(BaseModel):
    """Somebody to be registered, by name and address; left open, `member` is that of who sends it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: Annotated[Text, Field(min_length=1, max_length=200)]
    email: Annotated[Text, Field(min_length=3, max_length=254)]
    member: Annotated[Text, Field(min_length=1, max_length=100)] | None = None
    mode: Attended | None = None


async def registrants(named: Sequence[Named], people: People, network: str, *, form: str) -> tuple[Registrant, ...]:
    """These persons as the people's register knows them, those unknown so far included; each names its member.

    `form` is where they were named: kept with what it said about their data.
    """
    told = Told("registration", form)
    for one in named:
        normal_address(one.email)
    ids = await asyncio.gather(*(people.remember(one.name, one.email, one.member, network, told=told) for one in named))
    return tuple(
        Registrant(person=person, member=one.member or "", mode=one.mode)
        for person, one in zip(ids, named, strict=True)
    )
