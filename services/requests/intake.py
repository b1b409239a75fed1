"""The form taken here: an EUSurvey export whose rows become requests, each once however often its file is sent."""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from shared.contracts.names import plain
from shared.contracts.refused import Refused
from shared.contracts.requests import RequestSubmitted
from shared.contracts.vocabulary import Mode, Quarter, normalise_country, normalise_language
from shared.forms import eusurvey
from shared.forms.eusurvey import Contribution, Export, Unreadable, code_of, several
from shared.ids import fixed_id
from shared.mongo import Database
from shared.profiles import Profile
from shared.spine.store import GroupingStore

from . import calls, queries
from .commands import SubmitRequest
from .domain.kinds import Kind, problems
from .handlers import submit_request
from .offered import kinds_of, profile_of

MOST_CONTRIBUTIONS, AT_ONCE = 2_000, 60

# Field -> the headers it is known by, beside its own name; compared without case, accents and marks at the end.
HEADERS: dict[str, tuple[str, ...]] = {
    "member": ("Member", "Member State", "Country", "Your Member State"),
    "kind": ("Kind", "Kind of request", "Type of request"),
    "title": ("Title", "Title of the request"),
    "description": ("Description", "What should people know or do better afterwards?"),
    "audience": ("Who takes part", "Participants' profile"),
    "topic": ("Topic", "Subject"),
    "focus_area": ("Focus area",),
    "target_groups": ("Target groups", "Target group"),
    "language": ("Language", "Language of the activity"),
    "participants": ("Participants", "Number of participants"),
    "quarter_wished": ("Quarter wished", "Quarter", "When"),
    "mode": ("Attendance", "Delivery mode", "Mode"),
    "host_place": ("Place", "Venue"),
    "host_member": ("Host wished",),
    "members": ("Together with members", "Members"),
    "duration": ("Duration",),
    "level": ("Level",),
    "network": ("Network or platform",),
    "inside_event": ("Part of the event",),
    "website": ("Address of the website", "Website"),
    "agenda": ("Agenda",),
    "format": ("Format",),
    "contact": ("Contact person",),
    "owner": ("Who takes it on", "Owner"),
    "period": ("Period",),
    "contribution": ("Contribution ID", "Contribution"),
}
_FIELDS = {plain(name): field for field, names in HEADERS.items() for name in (field, *names)}
_QUARTER = re.compile(r"Q([1-4])[ /-]*(20\d\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: accepted, there already, or refused with the sentence that says what to do."""

    place: str
    title: str
    fate: str
    sentence: str = ""
    request: str = ""


class NotThis(Exception):
    """An answer that means nothing here; its sentence says what to write."""


async def take(
    data: bytes, db: Database, network: str, own: str | None, store_of: Callable[[str], GroupingStore]
) -> tuple[Export, list[Outcome]]:
    """Send every row of the export as a request; raises `Unreadable`.

    `own` is the one member whose rows the sender may send, None for all; `store_of` gives the store for a source.
    """
    export = await asyncio.to_thread(eusurvey.read, data)
    if len(export.contributions) > MOST_CONTRIBUTIONS:
        raise Unreadable(f"The file has more than {MOST_CONTRIBUTIONS} contributions. Export fewer at once.")
    columns = fields_of(export.headers)
    if "title" not in columns.values() or "kind" not in columns.values():
        raise Unreadable("There must be a column Title and a column Kind. See the sample for all that are understood.")
    alias = "".join(one for one in export.alias if one.isprintable())[:80] or "EUSurvey"
    in_call = await calls.open_call(db, network) is not None
    rows = [Row(network, alias, one, _answers(one, columns), in_call) for one in export.contributions]
    there = await queries.known(db, network, [row.request for row in rows])
    store = store_of(f"file:{alias}")
    outcomes: list[Outcome] = []
    for start in range(0, len(rows), AT_ONCE):
        batch = rows[start : start + AT_ONCE]
        outcomes += await asyncio.gather(*(row.send(own, there, store) for row in batch))
    return export, outcomes


def fields_of(headers: Iterable[str]) -> dict[str, str]:
    """Header -> field, for every header that is understood; the first of two for the same field counts."""
    columns: dict[str, str] = {}
    for header in headers:
        label, code = code_of(header)
        for name in (code, label, header):
            field = _FIELDS.get(plain(name.strip(" *:?")))
            if field is not None and field not in columns.values():
                columns[header] = field
                break
    return columns


def _answers(contribution: Contribution, columns: Mapping[str, str]) -> dict[str, str]:
    return {columns[header]: text for header, text in contribution.answers.items() if header in columns}


@dataclass(frozen=True, slots=True)
class Row:
    """A contribution on its way to become a request; its names determine the request's, so it counts once."""

    network: str
    alias: str
    contribution: Contribution
    answers: Mapping[str, str]
    call_open: bool = False
    """Whether exchanges are asked for in a call now."""

    @property
    def name(self) -> str:
        return self.answers.get("contribution") or self.contribution.hash

    @property
    def request(self) -> str:
        return fixed_id("request", self.network, "eusurvey", self.alias, self.name)

    def outcome(self, fate: str, sentence: str = "", request: str = "") -> Outcome:
        return Outcome(self.contribution.place, self.answers.get("title", "")[:200], fate, sentence, request)

    async def send(self, own: str | None, there: set[str], store: GroupingStore) -> Outcome:
        if self.request in there:
            shown = self.request if own is None or self._member(own) == own else ""
            return self.outcome("there", "", shown)
        try:
            command = self.command(own)
            receipt = await submit_request(
                command, store.row(f"{self.name[:100]}:{self.contribution.hash}"), call_open=self.call_open
            )
        except NotThis as wrong:
            return self.outcome("refused", str(wrong))
        except Refused as refusal:
            if refusal.code == "already-there":
                return self.outcome("there", "", self.request)
            return self.outcome("refused", refusal.sentence)
        sent = receipt.first(RequestSubmitted)
        return self.outcome("accepted", "", sent.stream if sent else self.request)

    def command(self, own: str | None) -> SubmitRequest:
        """The row as a command; raises `NotThis` with the first sentence that its sender must heed."""
        profile = profile_of(self.network)
        member = self._member(own)
        if own is not None and member != own:
            name = profile.title_of(member)
            raise NotThis(f"This row is for {name}; you can send your own member's requests alone.")
        kind = _chosen(self.answers.get("kind", ""), kinds_by_word(self.network), "kind of request")
        values = {field: meant(field, text, kind) for field, text in self.answers.items() if field in _MEANT}
        words = {field: text for field, text in self.answers.items() if field in _AS_WRITTEN}
        try:
            command = SubmitRequest(
                **words, **values, kind=kind.id, member=member, via="eusurvey", form=self.alias, request=self.request
            )
        except ValidationError as error:
            one = error.errors(include_url=False, include_input=False)[0]
            field = str(one["loc"][0]) if one["loc"] else ""
            raise NotThis(f"{HEADERS.get(field, (field,))[0]}: {one['msg']}.") from None
        for problem in problems(kind, command, member, call_open=self.call_open):
            at = f"{HEADERS[problem.field][0]}: " if problem.code == "answer-missing" else ""
            raise NotThis(at + problem.sentence)
        return command

    def _member(self, own: str | None) -> str:
        """The row's member; that of the sender where the file does not say."""
        text = self.answers.get("member", "")
        if not text and own:
            return own
        return member_meant(text, profile_of(self.network))


def member_meant(text: str, profile: Profile) -> str:
    """By code or name, in any spelling of a country; raises `NotThis`."""
    words = {plain(word): member.code for member in profile.members for word in (member.code, member.name)}
    words |= {plain(word): code for code in profile.requesters for word in (code, profile.title_of(code))}
    for one in reversed(code_of(text)):
        if found := words.get(plain(one)):
            return found
        try:
            country = normalise_country(one).value
        except ValueError:
            continue
        if profile.member(country):
            return country
    raise NotThis(f"“{text}” is no member of this network; write its code or its English name." if text else
                  "The member is missing; write its code or its English name.")  # fmt: skip


def kinds_by_word(network: str) -> dict[str, Kind]:
    return {plain(word): kind for kind in kinds_of(network).values() for word in (kind.title, kind.id)}


def _chosen(text: str, words: Mapping[str, Kind], noun: str) -> Kind:
    for one in (text, *reversed(code_of(text))):
        if found := words.get(plain(one)):
            return found
    raise NotThis(f"“{text}” is no {noun} of this network; see the sample for those that are.")


def meant(field: str, text: str, kind: Kind) -> object:
    """What an answer means in the network's words; raises `NotThis`."""
    try:
        return _MEANT[field](field, text, kind)
    except ValueError as error:
        raise NotThis(f"{HEADERS[field][0]}: {error}") from None


def _choice(field: str, text: str, kind: Kind) -> str:
    choices = kind.choices.get(field, {})
    words = {plain(word): id for id, title in choices.items() for word in (title, id)}
    for one in (text, *reversed(code_of(text))):
        if found := words.get(plain(one)):
            return found
    raise NotThis(f"{HEADERS[field][0]}: “{text}” is not on the list of this network.")


def _choices(field: str, text: str, kind: Kind) -> list[str]:
    return [_choice(field, one, kind) for one in several(text)]


def _members(_field: str, text: str, kind: Kind) -> list[str]:
    return [_one_member(one, kind) for one in several(text)]


def _one_member(text: str, kind: Kind) -> str:
    try:
        return _choice("members", text, kind)
    except NotThis:
        return normalise_country(code_of(text)[1] or text).value


def _language(_field: str, text: str, _kind: Kind) -> str:
    label, code = code_of(text)
    return normalise_language(code or label).value


def _quarter(_field: str, text: str, _kind: Kind) -> str:
    text = code_of(text)[1] or text
    found = _QUARTER.fullmatch(text.strip())
    return str(Quarter(int(found[2]), int(found[1])) if found else Quarter.parse(text))


def _number(_field: str, text: str, _kind: Kind) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise ValueError("write a whole number in digits.")
    return int(text)


def _mode(_field: str, text: str, _kind: Kind) -> str:
    word = plain(text).replace(" ", "-")
    if word not in {mode.value for mode in Mode}:
        return _choice("mode", text, _kind)
    return word


_MEANT: dict[str, Callable[[str, str, Kind], object]] = {
    "topic": _choice,
    "focus_area": _choice,
    "target_groups": _choices,
    "language": _language,
    "participants": _number,
    "quarter_wished": _quarter,
    "mode": _mode,
    "host_member": lambda _field, text, kind: _one_member(text, kind),
    "members": _members,
    "duration": _choice,
    "level": _choice,
    "network": _choice,
    "owner": _choice,
}
_AS_WRITTEN = frozenset(
    {
        "title",
        "description",
        "audience",
        "host_place",
        "inside_event",
        "website",
        "agenda",
        "format",
        "contact",
        "period",
    }
)
