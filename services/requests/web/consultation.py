"""A consultation's own page: answered by members and units, closed, summed up in who said what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response
from starlette.convertors import Convertor, register_url_convertor

from services.requests import consulting
from services.requests.consulting import Asked, Comment
from services.requests.domain.consultation import (
    AnswerConsultation,
    CloseConsultation,
    ExtendConsultation,
)
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import in_protocol_order
from shared.profiles import Profile
from shared.web import exports
from shared.web.exports import Column
from shared.web.files import FILE_ID, files_of, sent
from shared.web.formats import member_name
from shared.web.forms import Form, read_form
from shared.web.i18n import _, mark, ngettext
from shared.web.pages import render, see_other
from shared.web.rights import Principal, require
from shared.web.wording import in_words

from .common import db_of, page_store
from .plan_parts import line_options, unit_titles


class _ConsultationConvertor(Convertor[str]):
    regex = "consultation-[0-9a-f-]{36}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("consultation", _ConsultationConvertor())
HERE = "/requests/consultations"
PATH = HERE + "/{consultation:consultation}"

Reader = Annotated[Principal, require("consultations.read")]
Opener = Annotated[Principal, require("consultations.open")]
Answerer = Annotated[Principal, require("consultations.answer")]
FilePath = Annotated[str, Path(alias="file", pattern=FILE_ID)]

POSITIONS: dict[str, str] = {"agree": mark("agrees"), "object": mark("objects"), "comment": mark("comments")}
COLOURS = {"agree": "yes", "object": "no", "comment": "later", "": "ask"}

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Party:
    """Who is asked, and what they said last."""

    code: str
    name: str
    unit: bool
    position: str
    comments: tuple[Comment, ...]

    @property
    def last(self) -> str:
        return self.comments[-1].at if self.comments else ""


def sees(principal: Principal, one: Asked) -> bool:
    """Those asked and those who see all of the network."""
    return principal.own_member is None or principal.own_member in one.state.members


def field_of(code: str) -> str:
    fields = {"due-over": "due_on", "comment-missing": "comment", "not-consulted": "member"}
    return fields.get(code, code.removesuffix("-unknown") if code.endswith("-unknown") else "")


@router.get(PATH)
async def consultation_page(request: Request, consultation: str, principal: Reader) -> Response:
    found = await asked(request, principal, consultation)
    if kind := exports.asked(request):
        profile = in_words(principal.network)
        return exports.answer(principal, kind, "consultation", _columns(profile), parties(profile, principal, found))
    return await _page(request, principal, found, Form.of())


async def asked(request: Request, principal: Principal, consultation: str) -> Asked:
    found = await consulting.consulted(db_of(request), principal.network, consultation)
    if found is None or not sees(principal, found):
        raise HTTPException(404)
    return found


async def _page(request: Request, principal: Principal, found: Asked, form: Form, status: int = 200) -> Response:
    profile = in_words(principal.network)
    rows = parties(profile, principal, found)
    people = request.app.state.service.people
    return render(
        request,
        "consultation.html",
        status=status,
        found=found,
        sentence=_sentence(found),
        about=next((one.title for one in profile.consulted_on if one.id == found.state.about), found.state.about),
        rows=rows,
        form=form,
        may_answer=found.state.status == "open" and principal.may("consultations.answer"),
        answerers=_answerers(profile, principal, found),
        own=principal.own_member,
        lines=line_options(profile, found.state.year) if found.state.year else [],
        line_of=profile.line_title,
        positions={name: _(words) for name, words in POSITIONS.items()},
        colours=COLOURS,
        files=await files_of(request).of(found.network, found.id),
        names=await people.name_of(one.actor for one in found.comments if one.actor),
    )


def parties(profile: Profile, principal: Principal, found: Asked) -> list[Party]:
    """Members in protocol order, then units."""
    units = unit_titles(profile)
    state, rows = found.state, []
    for code in [*in_protocol_order(state.members), *(f"unit:{one}" for one in state.units)]:
        unit = code.startswith("unit:")
        name = units.get(code[5:], code[5:]) if unit else member_name(code, principal.network)
        said = tuple(one for one in found.comments if one.party == code)
        rows.append(Party(code, name, unit, state.answers.get(code, ""), said))
    return rows


def _answerers(profile: Profile, principal: Principal, found: Asked) -> list[tuple[str, str]]:
    """For whom the reader may answer: their member; a coordinator for any member or unit, as they said."""
    if principal.own_member is not None:
        return []
    return [(one.code, one.name) for one in parties(profile, principal, found)]


def _sentence(found: Asked) -> str:
    state = found.state
    said, silent = len(state.answers), len(state.silent)
    objecting = state.count("object")
    if state.status == "closed":
        if objecting:
            told = ngettext("one objects", "%(num)s object", objecting)
            return _("%(title)s: closed, %(objecting)s", title=found.title, objecting=told)
        told = ngettext("one answered, nobody objects", "%(num)s answered, nobody objects", said)
        return _("%(title)s: closed, %(answers)s", title=found.title, answers=told)
    told = ngettext("one answer is still to come", "%(num)s answers are still to come", silent)
    return _("%(title)s: %(answers)s", title=found.title, answers=told if silent else _("everybody answered"))


def _columns(profile: Profile) -> list[Column[Party]]:
    positions = {name: _(words) for name, words in POSITIONS.items()}
    return [
        Column(_("Who"), lambda row: row.name),
        Column(_("Member"), lambda row: "" if row.unit else row.code),
        Column(_("Answer"), lambda row: positions.get(row.position, _("no answer"))),
        Column(_("Answered"), lambda row: exports.moment(row.last), moment=True),
        Column(_("Comments"), lambda row: [_told(profile, one) for one in row.comments if one.text]),
    ]


def _told(profile: Profile, one: Comment) -> str:
    return f"{profile.line_title(one.line)}: {one.text}" if one.line else one.text


@router.post(PATH + "/answer")
async def answer(request: Request, consultation: str, principal: Answerer) -> Response:
    found = await asked(request, principal, consultation)
    form = await read_form(request)
    status = 422
    who = answers_for(principal, form["party"])
    command = form.build(_Answer, consultation=consultation, happened_at=None, words="", **who)
    if command is not None:
        told = AnswerConsultation(**command.model_dump(exclude={"party"}))
        try:
            await consulting.answer_consultation(told, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal, field_of(refusal.code))
        else:
            return see_other(request, f"{HERE}/{consultation}", done=_("The answer is written down."))
    return await _page(request, principal, found, form, status)


class _Answer(AnswerConsultation):
    party: str = ""


def answers_for(principal: Principal, party: str) -> Mapping[str, str | None]:
    """An officer for the own member alone; who sees all of the network for any member or unit."""
    if principal.own_member is not None:
        return {"member": principal.own_member or None, "unit": None}
    if party.startswith("unit:"):
        return {"member": None, "unit": party.removeprefix("unit:")}
    return {"member": party or None, "unit": None}


@router.post(PATH + "/extend")
async def extend(request: Request, consultation: str, principal: Opener) -> Response:
    found = await asked(request, principal, consultation)
    form = await read_form(request)
    status = 422
    command = form.build(ExtendConsultation, consultation=consultation, closes_at=None, happened_at=None)
    if command is not None:
        try:
            await consulting.extend_consultation(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal, field_of(refusal.code))
        else:
            return see_other(request, f"{HERE}/{consultation}", done=_("The consultation has another day."))
    return await _page(request, principal, found, form, status)


@router.post(PATH + "/close")
async def close(request: Request, consultation: str, principal: Opener) -> Response:
    found = await asked(request, principal, consultation)
    form = await read_form(request)
    command = CloseConsultation(consultation=found.id)
    await consulting.close_consultation(command, page_store(request, principal, form.command_id))
    return see_other(request, f"{HERE}/{consultation}", done=_("The consultation is closed."))


@router.get(PATH + "/files/{file:file}")
async def draft(request: Request, consultation: str, file: FilePath, principal: Reader) -> Response:
    found = await asked(request, principal, consultation)
    return await sent(request, await files_of(request).one(found.network, found.id, file))
