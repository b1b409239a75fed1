"""The ways through Liaison that the header shows, and where each role begins."""

from dataclasses import dataclass

from shared.people import Role
from shared.web.i18n import mark as _mark
from shared.web.rights import Principal


@dataclass(frozen=True, slots=True)
class Way:
    label: str
    href: str
    action: str
    prefix: str
    only: frozenset[Role] | None = None
    """Roles that see it, where their right alone does not decide."""
    also: tuple[str, ...] = ()
    """Other addresses whose pages belong to it."""

    def fit(self, path: str) -> int:
        """How much of the address says that its page belongs here; 0 where nothing does."""
        return max((len(one) for one in (self.prefix, *self.also) if path.startswith(one)), default=0)

    def shown_to(self, principal: Principal) -> bool:
        return principal.may(self.action) and (self.only is None or not principal.roles.isdisjoint(self.only))


_NLO_DESK = frozenset({Role.NLO})
_NEEDS = frozenset({Role.NLO, Role.BOARD})
"""A coordinator, who sees the most ways, comes there from the triage board."""
_EXPERTS = frozenset({Role.ORGANISER, Role.PARTICIPANT})
"""Coordinators and officers come there from the exchanges."""

_OF_THE_PLAN = ("/requests/consultations", "/requests/actions", "/requests/cycle", "/requests/")
"""The last for those who have no desk of requests: what they read there belongs to the plan."""
_FIGURES = ("/requests/readings", "/requests/projects")

WAYS: tuple[Way, ...] = (
    Way(_mark("My member"), "/requests/", "requests.submit", "/requests/", _NLO_DESK),
    Way(_mark("Indicators"), "/kpi/", "kpi.read", "/kpi/"),
    Way(_mark("Requests"), "/requests/triage", "requests.triage", "/requests/"),
    Way(_mark("Plan"), "/requests/plan", "plan.read", "/requests/plan", also=_OF_THE_PLAN),
    Way(_mark("Needs"), "/requests/needs", "needs.read", "/requests/needs", _NEEDS, _FIGURES),
    Way(_mark("Exchanges"), "/matching/", "matching.read", "/matching/"),
    Way(_mark("Experts"), "/matching/experts", "experts.apply", "/matching/experts", _EXPERTS),
    Way(_mark("Activities"), "/events/", "events.read", "/events/"),
    Way(_mark("Operations"), "/operations", "operations.read", "/operations"),
    Way(_mark("Persons"), "/admin", "admin.read", "/admin"),
)

_DESKS: tuple[tuple[Role, str], ...] = (
    (Role.COORDINATOR, "/requests/triage"),
    (Role.NLO, "/requests/"),
    (Role.ORGANISER, "/events/desk"),
    (Role.BOARD, "/kpi/"),
    (Role.OPERATOR, "/operations"),
    (Role.PARTICIPANT, "/events/"),
)

SERVICE_NAMES: dict[str, str] = {
    "requests": _mark("Requests"),
    "matching": _mark("Exchanges"),
    "events": _mark("Activities"),
    "kpi": _mark("Indicators"),
    "people": _mark("Persons and keys"),
}

ROLE_NAMES: dict[Role, str] = {
    Role.NLO: _mark("National Liaison Officer"),
    Role.COORDINATOR: _mark("Coordinator"),
    Role.ORGANISER: _mark("Organiser"),
    Role.PARTICIPANT: _mark("Participant"),
    Role.BOARD: _mark("Management Board"),
    Role.OPERATOR: _mark("Operator"),
    Role.FORM: _mark("Form"),
}
ROLE_SHORT: dict[Role, str] = {**ROLE_NAMES, Role.NLO: _mark("NLO"), Role.BOARD: _mark("Board")}


def ways_for(principal: Principal | None) -> list[Way]:
    return [way for way in WAYS if principal and way.shown_to(principal)]


def current_way(ways: list[Way], path: str) -> Way | None:
    """The way that a page belongs to: the one that says most of its address, the first of several."""
    best = max(ways, key=lambda way: way.fit(path), default=None)
    return best if best and best.fit(path) else None


def desk_of(principal: Principal) -> str:
    return next((desk for role, desk in _DESKS if role in principal.roles), "/account")


def first_role(principal: Principal) -> Role | None:
    """The role that names the person in the header: the one whose desk they begin at."""
    return next((role for role, _ in _DESKS if role in principal.roles), None)
