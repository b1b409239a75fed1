"""The JSON API of consultations: opened on a draft, answered by members and units, closed with a summary."""

from datetime import date
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.requests import consulting
from services.requests.commands import Id, Moment, Words
from services.requests.consulting import Asked
from services.requests.domain.consultation import (
    AnswerConsultation,
    CloseConsultation,
    Day,
    ExtendConsultation,
    OpenConsultation,
)
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import in_protocol_order
from shared.web.files import files_of, sent
from shared.web.rights import Principal
from shared.web.stale import tell_version

from .api_bodies import Key
from .attachments import FileView
from .common import api_store, db_of
from .consultation import Answerer, FilePath, Opener, Reader, asked, sees
from .consultations import opened

router = APIRouter(prefix="/requests/api/v1/consultations", tags=["consultations"])
ConsultationPath = Annotated[str, Path(max_length=100, examples=["consultation-0192…"])]
Position = Literal["agree", "object", "comment"]
State = Literal["open", "closed"]


class ConsultationBody(OpenConsultation):
    """What is asked, of whom and until when; no member and no unit named means every member of the network."""


class AnswerBody(BaseModel):
    """The last position counts, every comment is kept; who comments or objects says what on."""

    model_config = ConfigDict(extra="forbid")

    position: Position
    comment: Words = ""
    member: Id | None = None
    """For a coordinator who writes down what a member said; else one's own."""
    unit: Id | None = None
    """For a coordinator who writes down what a unit said."""
    line: Id | None = None
    """The line of the plan that it is about."""
    happened_at: Moment | None = None


class ExtendBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    due_on: Day
    happened_at: Moment | None = None


class CloseBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    happened_at: Moment | None = None


class CommentView(BaseModel):
    position: Position
    text: str
    line: str | None = None
    at: str


class PartyView(BaseModel):
    """Who was asked, and what they said."""

    member: str | None = None
    unit: str | None = None
    position: Position | None = None
    """The last one; none where no answer came."""
    comments: list[CommentView]


class SummaryView(BaseModel):
    """How many say what last; `silent` of those asked have not answered."""

    agree: int
    object: int
    comment: int
    silent: int


class ConsultationView(BaseModel):
    id: str
    version: int
    status: State
    about: str
    title: str
    text: str = ""
    link: str = ""
    year: int | None = None
    due_on: date
    members: list[str]
    units: list[str]
    summary: SummaryView

    @classmethod
    def of(cls, found: Asked) -> Self:
        state = found.state
        counts = {position: state.count(position) for position in ("agree", "object", "comment")}
        return cls.model_validate({
            "id": found.id, "version": found.version, "status": state.status, "about": state.about,
            "title": found.title, "text": found.words.get("text", ""), "link": found.words.get("link", ""),
            "year": state.year, "due_on": state.due_on, "members": in_protocol_order(state.members),
            "units": state.units, "summary": {**counts, "silent": len(state.silent)},
        })  # fmt: skip


class WholeView(ConsultationView):
    """With everything that was said, members in protocol order, then units, and the files of its draft."""

    parties: list[PartyView] = Field(default_factory=list)
    files: list[FileView] = Field(default_factory=list)


class ConsultationsView(BaseModel):
    total: int
    page: int
    per_page: int
    items: list[ConsultationView]


class Narrowed(BaseModel):
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=200)] = 25
    status: State | None = None
    about: Annotated[str, Field(max_length=64)] = ""
    year: Annotated[int | None, Field(ge=2000, le=2099)] = None
    waiting: bool = False
    """Only those that wait for one's own member's answer."""


@router.post("", status_code=201)
async def open_one(
    body: ConsultationBody, request: Request, response: Response, principal: Opener, idempotency_key: Key = None
) -> WholeView:
    """Ask members and units about a draft; their officers hear of it by mail."""
    command = OpenConsultation(**body.model_dump())
    name = opened(await consulting.open_consultation(command, api_store(request, principal)))
    response.headers["Location"] = f"{router.prefix}/{name}"
    return await _view(request, principal, name)


@router.get("")
async def consultations(
    request: Request, principal: Reader, narrowed: Annotated[Narrowed, Query()]
) -> ConsultationsView:
    """Those that one is asked in, or all of the network for who sees all of it; the open ones first."""
    rows = [
        one
        for one in await consulting.consultations(db_of(request), principal.network)
        if sees(principal, one) and _fits(one, narrowed, principal)
    ]
    skip = (narrowed.page - 1) * narrowed.per_page
    items = [ConsultationView.of(one) for one in rows[skip : skip + narrowed.per_page]]
    return ConsultationsView(total=len(rows), page=narrowed.page, per_page=narrowed.per_page, items=items)


def _fits(one: Asked, narrowed: Narrowed, principal: Principal) -> bool:
    state = one.state
    if narrowed.waiting and (state.status != "open" or principal.own_member not in state.silent):
        return False
    return (
        narrowed.status in (None, state.status)
        and narrowed.about in ("", state.about)
        and narrowed.year in (None, state.year)
    )


@router.get("/{consultation}")
async def one(consultation: ConsultationPath, request: Request, response: Response, principal: Reader) -> WholeView:
    found = await _view(request, principal, consultation)
    tell_version(response, found.version)
    return found


@router.post("/{consultation}/answer")
async def answer(
    consultation: ConsultationPath,
    body: AnswerBody,
    request: Request,
    principal: Answerer,
    idempotency_key: Key = None,
) -> WholeView:
    """Agree, object or comment, for one's own member; a coordinator for any member or unit that is asked."""
    await asked(request, principal, consultation)
    facts = body.model_dump(include={"position", "comment", "line", "happened_at"})
    command = AnswerConsultation(consultation=consultation, **facts, **_party(principal, body))
    await consulting.answer_consultation(command, api_store(request, principal))
    return await _view(request, principal, consultation)


def _party(principal: Principal, body: AnswerBody) -> dict[str, str | None]:
    own = principal.own_member
    if own is None:
        return {"member": None if body.unit else body.member, "unit": body.unit}
    if body.unit or body.member not in (None, own):
        raise Refused("member-foreign", "You can answer for your own member alone.", status=403)
    return {"member": own or None, "unit": None}


@router.post("/{consultation}/extend")
async def extend(
    consultation: ConsultationPath, body: ExtendBody, request: Request, principal: Opener, idempotency_key: Key = None
) -> WholeView:
    """Give it another day."""
    await asked(request, principal, consultation)
    command = ExtendConsultation(consultation=consultation, **body.model_dump())
    await consulting.extend_consultation(command, api_store(request, principal))
    return await _view(request, principal, consultation)


@router.post("/{consultation}/close")
async def close(
    consultation: ConsultationPath,
    request: Request,
    principal: Opener,
    *,
    body: CloseBody | None = None,
    idempotency_key: Key = None,
) -> WholeView:
    """No answer comes any more; the summary stays to be read. Closed already, it stays so."""
    await asked(request, principal, consultation)
    command = CloseConsultation(consultation=consultation, **(body or CloseBody()).model_dump())
    await consulting.close_consultation(command, api_store(request, principal))
    return await _view(request, principal, consultation)


@router.get("/{consultation}/files/{file:file}", summary="A file of the draft", response_class=Response)
async def draft(consultation: ConsultationPath, file: FilePath, request: Request, principal: Reader) -> Response:
    found = await asked(request, principal, consultation)
    return await sent(request, await files_of(request).one(found.network, found.id, file))


async def _view(request: Request, principal: Principal, name: str) -> WholeView:
    found = await asked(request, principal, name)
    files = await files_of(request).of(found.network, found.id)
    whole = WholeView.of(found)
    whole.parties = _parties(found)
    whole.files = [FileView.of(file) for file in files]
    return whole


def _parties(found: Asked) -> list[PartyView]:
    rows = []
    for code in [*in_protocol_order(found.state.members), *(f"unit:{one}" for one in found.state.units)]:
        unit = code.removeprefix("unit:") if code.startswith("unit:") else None
        comments = [
            CommentView.model_validate({"position": one.position, "text": one.text, "line": one.line, "at": one.at})
            for one in found.comments
            if one.party == code
        ]
        who = {"member": None if unit else code, "unit": unit, "position": found.state.answers.get(code)}
        rows.append(PartyView.model_validate({**who, "comments": comments}))
    return rows
