"""A person with an account: what is told of them, who may change it, and what is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared import clock
from shared.contracts.refused import Refused

from .person import Role, normal_address
from .standing import acts_as_deputy
from .trail import Change


@dataclass(frozen=True, slots=True)
class Deputy:
    """Acts for `of` from the first to the last day, both included."""

    of: str
    member: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Account:
    """A person as the directory shows them. Without a role nobody signs in under it."""

    id: str
    version: int
    name: str
    email: str
    roles: tuple[Role, ...]
    member: str | None
    language: str
    since: datetime | None
    closed: datetime | None
    deputy: Deputy | None
    deputises: bool
    """Whether its time as a deputy runs today."""

    @property
    def speaks_for(self) -> str:
        """The member, also as its deputy."""
        return self.member or (self.deputy.member if self.deputy and self.deputises else "")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is told of a person, as a form has it."""

    name: str
    email: str
    language: str
    member: str | None
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Giver:
    """Who changes something: the subject signed in, and the roles held."""

    subject: str
    roles: frozenset[Role]
    network: str


class Stale(Exception):
    """Somebody changed it meanwhile: the account as it is now, and what was done since, newest first."""

    def __init__(self, now: Account, changes: Sequence[Change]) -> None:
        super().__init__(now.id)
        self.now, self.changes = now, changes


def check_facts(facts: Facts) -> None:
    if not facts.roles:
        raise Refused("roles-missing", "Choose at least one role, or close the account.", status=422)
    if Role.FORM in facts.roles:
        raise Refused("role-not-yours", "The role form is for API keys alone.", status=422)
    if Role.NLO in facts.roles and not facts.member:
        raise Refused("member-missing", "Choose the member that the liaison officer speaks for.", status=422)


def check_days(first: date, last: date) -> None:
    if last < first:
        raise Refused("days-turned", "The last day lies before the first.", status=422)
    if (last - first).days > 366:
        raise Refused("days-many", "Name a deputy for a year at most; then name them again.", status=422)


def check_deputy(officer: Mapping[str, Any], deputy: Mapping[str, Any]) -> None:
    if officer["_id"] == deputy["_id"]:
        raise Refused("deputy-self", "Nobody is their own deputy.", status=422)
    if Role.NLO not in officer.get("roles", ()) or not officer.get("member"):
        raise Refused("not-an-officer", "Only a liaison officer of a member has deputies.", status=422)
    if not deputy.get("roles"):
        raise Refused("deputy-no-account", "A deputy needs an open account.", status=422)
    if deputy.get("member") not in (None, officer["member"]):
        raise Refused("deputy-foreign", "A deputy belongs to the same member, or to none.", status=422)


def written_of(facts: Facts) -> dict[str, Any]:
    return {
        "name": facts.name.strip(),
        "email": facts.email.strip(),
        "address": normal_address(facts.email),
        "language": facts.language,
        "member": facts.member or None,
        "roles": [str(role) for role in facts.roles],
    }


def account_of(row: Mapping[str, Any]) -> Account:
    deputy = row.get("deputy")
    days = [date.fromisoformat(deputy[name]) for name in ("from", "until")] if deputy else []
    return Account(
        id=row["_id"],
        version=row.get("version", 0),
        name=row.get("name", ""),
        email=row.get("email", ""),
        roles=tuple(Role(role) for role in row.get("roles", ())),
        member=row.get("member"),
        language=row.get("language", ""),
        since=row.get("since"),
        closed=(row.get("closed") or {}).get("at"),
        deputy=Deputy(deputy["of"], deputy["member"], *days) if deputy else None,
        deputises=acts_as_deputy(row, clock.now().date()),
    )
