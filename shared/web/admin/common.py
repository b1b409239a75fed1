"""What the pages of the administration share."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import Request

from shared.contracts.vocabulary import in_protocol_order
from shared.people import People, Role
from shared.people.accounts import Giver
from shared.people.reads import Purpose
from shared.people.standing import HUMAN, may_give
from shared.people.trail import Change
from shared.web.formats import member_name, profile_of
from shared.web.i18n import _, mark, reader_zone
from shared.web.nav import ROLE_NAMES
from shared.web.rights import NotAllowed, Principal, require

Reader = Annotated[Principal, require("admin.read")]
Worker = Annotated[Principal, require("admin.work")]

CHANGES: dict[str, str] = {
    "added": mark("gave an account"),
    "changed": mark("changed it"),
    "closed": mark("closed the account"),
    "opened": mark("opened the account again"),
    "deputy-named": mark("named a deputy"),
    "deputy-ended": mark("ended the time as deputy"),
    "login-unlinked": mark("unlinked a login"),
    "key-made": mark("made an API key"),
    "key-revoked": mark("took back an API key"),
}
FIELDS: dict[str, str] = {
    "name": mark("Name"),
    "email": mark("Address"),
    "language": mark("Language"),
    "member": mark("Member"),
    "roles": mark("Roles"),
    "deputy": mark("Days"),
}
PURPOSES: dict[str, str] = {
    Purpose.REGISTRATIONS: mark("List of registrations"),
    Purpose.NOMINATION: mark("Nomination of participants"),
    Purpose.ATTENDANCE: mark("Recording of attendance"),
    Purpose.DIRECTORY: mark("List of persons"),
    Purpose.PERSON: mark("Page of a person"),
    Purpose.EXPORT: mark("Export of a list"),
    Purpose.ON_BEHALF: mark("Choice of who asked"),
    Purpose.LETTERS: mark("Letters that did not arrive"),
    Purpose.EXPERTS: mark("List of experts"),
    Purpose.PROMOTERS: mark("List of mobility promoters"),
}


def people_of(request: Request) -> People:
    people: People = request.app.state.people
    return people


def giver_of(principal: Principal) -> Giver:
    """Who changes persons or keys: a person alone. A key that made keys would outlive its own end."""
    if not principal.email:
        raise NotAllowed("admin.work")
    return Giver(principal.subject, principal.roles, principal.network)


def role_options(roles: Iterable[Role]) -> list[tuple[str, str]]:
    """The roles in the order in which lists show them."""
    wanted = set(roles)
    return [(str(role), _(ROLE_NAMES[role])) for role in (*HUMAN, Role.FORM) if role in wanted]


def givable(principal: Principal) -> list[tuple[str, str]]:
    return role_options(may_give(principal.roles))


def member_options(network: str) -> list[tuple[str, str]]:
    profile = profile_of(network)
    """Members by their codes, then units and who else asks by their names."""
    if profile is None:
        return []
    names = [(code, member_name(code, network)) for code in in_protocol_order(profile.member_codes)]
    others = [(code, profile.title_of(code)) for code in profile.requesters]
    return [(code, f"{code} {name}" if name != code else code) for code, name in names] + others


def is_member(network: str, code: str) -> bool:
    profile = profile_of(network)
    return profile is not None and (profile.member(code) is not None or code in profile.requesters)


def days_of(request: Request, network: str) -> tuple[datetime | None, datetime | None]:
    """`?from=2024-10-01&to=2024-10-31` as moments, both days whole, in the reader's zone; no day, no limit."""
    first, last = (_day(request.query_params.get(name, "")) for name in ("from", "to"))
    profile = profile_of(network)
    zone = reader_zone(profile.zone) if profile else reader_zone()

    def begin(day: date) -> datetime:
        return datetime.combine(day, time(), zone).astimezone(UTC)

    return begin(first) if first else None, begin(last + timedelta(days=1)) if last else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def told(change: Change) -> list[str]:
    """What a change was, line by line: roles and members before and after, other fields by name alone."""
    named = [_(FIELDS[name]) for name in change.fields if name in FIELDS and name not in change.told]
    lines = [", ".join(named)] if named else []
    for name, pair in change.told.items():
        before, after = (_in_words(name, value) for value in pair)
        lines.append(_("%(field)s: %(before)s, then %(after)s", field=_(FIELDS[name]), before=before, after=after))
    return lines


def _in_words(name: str, value: Sequence[str] | str | None) -> str:
    if not value:
        return _("none")
    if isinstance(value, str):
        return value
    return ", ".join(_(ROLE_NAMES[Role(one)]) if name == "roles" else one for one in value)


def actor_in_words(actor: str | None, names: Mapping[str, str]) -> str:
    if not actor:
        return _("Liaison itself")
    return names.get(actor, _("Name erased"))


async def ids_by_name(request: Request, network: str, name: str) -> list[str] | None:
    """Who may be meant by what was typed, persons and programs; None where nothing was typed."""
    typed = "".join(one for one in name if one.isprintable()).strip()[:200]
    return await people_of(request).directory.ids_named(network, typed) if typed else None
