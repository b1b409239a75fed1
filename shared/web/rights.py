"""Who may do what: one table of action and role, asked first on every route."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.routing import iter_route_contexts

from shared.people import Role

NLO, COORDINATOR, ORGANISER, PARTICIPANT = Role.NLO, Role.COORDINATOR, Role.ORGANISER, Role.PARTICIPANT
BOARD, OPERATOR, FORM = Role.BOARD, Role.OPERATOR, Role.FORM
_PEOPLE = (NLO, COORDINATOR, ORGANISER, PARTICIPANT, BOARD, OPERATOR)


def _may(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


ACTIONS: dict[str, frozenset[Role]] = {
    "account.read": _may(*_PEOPLE),
    "search.read": _may(*_PEOPLE),
    # Persons of the own network: who they are, what they may do, who was changed by whom.
    "admin.read": _may(COORDINATOR, OPERATOR),
    "admin.work": _may(COORDINATOR, OPERATOR),
    "keys.read": _may(COORDINATOR, OPERATOR),
    "keys.work": _may(COORDINATOR, OPERATOR),
    "audit.read": _may(COORDINATOR, OPERATOR),
    "reads.read": _may(COORDINATOR, OPERATOR),
    # Write down what a liaison officer asked for by telephone: see who they are, and name them.
    "behalf.act": _may(COORDINATOR, ORGANISER),
    # Tell of something longer ago than a day: nobody by role, only keys that were given it (imports, simulator).
    "history.write": _may(),
    "requests.read": _may(NLO, COORDINATOR, ORGANISER, BOARD, OPERATOR),
    "requests.submit": _may(NLO, COORDINATOR, FORM),
    # Attach files to a request and remove them; who may read the request downloads them.
    "requests.attach": _may(NLO, COORDINATOR, FORM),
    "requests.import": _may(NLO, COORDINATOR, FORM),
    "requests.answer": _may(NLO),
    "requests.withdraw": _may(NLO, COORDINATOR),
    "requests.triage": _may(COORDINATOR),
    "requests.ask": _may(COORDINATOR),
    "requests.decide": _may(COORDINATOR),
    "plan.read": _may(NLO, COORDINATOR, ORGANISER, BOARD, OPERATOR),
    "plan.edit": _may(COORDINATOR),
    "plan.adopt": _may(COORDINATOR, BOARD),
    # Actions that members agree on: its members say how far one is, and join.
    "actions.work": _may(NLO, COORDINATOR),
    "consultations.read": _may(NLO, COORDINATOR, ORGANISER, BOARD, OPERATOR),
    "consultations.open": _may(COORDINATOR),
    "consultations.answer": _may(NLO, COORDINATOR),
    # A document of the programming cycle, from the own coordination office.
    "cycle.deliver": _may(NLO, COORDINATOR),
    "needs.read": _may(NLO, COORDINATOR, BOARD),
    "needs.edit": _may(NLO, COORDINATOR),
    # Figures from outside; an officer enters those of the own member.
    "readings.read": _may(NLO, COORDINATOR, BOARD),
    "readings.edit": _may(NLO, COORDINATOR),
    "projects.read": _may(NLO, COORDINATOR, ORGANISER, BOARD),
    "projects.edit": _may(COORDINATOR),
    "matching.read": _may(NLO, COORDINATOR, BOARD, OPERATOR),
    "matching.open-call": _may(COORDINATOR),
    "matching.file-interest": _may(NLO, COORDINATOR, FORM),
    "matching.offer": _may(NLO, COORDINATOR, FORM),
    "matching.withdraw": _may(NLO, COORDINATOR),
    "matching.run": _may(COORDINATOR),
    "matching.propose": _may(COORDINATOR),
    "matching.answer": _may(NLO),
    # Stand behind an interest that somebody else filed for the own member.
    "matching.endorse": _may(NLO),
    # Call off what was agreed, or note that somebody did not turn up.
    "matching.cancel": _may(NLO, COORDINATOR),
    "matching.pay": _may(COORDINATOR),
    "matching.report": _may(NLO),
    # The list of experts with their names and assessments; experts see what is their own.
    "experts.read": _may(COORDINATOR, ORGANISER),
    "experts.apply": _may(PARTICIPANT, NLO, ORGANISER, COORDINATOR),
    "experts.assess": _may(COORDINATOR),
    # Say what an activity needs.
    "experts.seek": _may(ORGANISER, COORDINATOR),
    "experts.match": _may(COORDINATOR),
    "ideas.read": _may(NLO, COORDINATOR, BOARD),
    # Put a project idea up, and offer to join one, for the own member.
    "ideas.offer": _may(NLO, COORDINATOR),
    "ideas.match": _may(COORDINATOR),
    "ideas.answer": _may(NLO),
    # Mobility promoters: who they are, the own profile, and meetings with each other.
    "promoters.read": _may(NLO, COORDINATOR, ORGANISER, PARTICIPANT, BOARD),
    "promoters.work": _may(NLO, COORDINATOR, ORGANISER, PARTICIPANT),
    "events.read": _may(*_PEOPLE),
    "events.organise": _may(ORGANISER, COORDINATOR),
    "events.register": _may(PARTICIPANT, NLO, ORGANISER, COORDINATOR, FORM),
    "events.nominate": _may(NLO, COORDINATOR, ORGANISER),
    "events.cancel-registration": _may(PARTICIPANT, NLO, ORGANISER, COORDINATOR, FORM),
    "events.check-in": _may(ORGANISER, COORDINATOR),
    # Rules of certificates, assessments; revoke and issue again. Keys: sign with a new one from now on.
    "events.certify": _may(ORGANISER, COORDINATOR),
    "events.keys": _may(COORDINATOR, OPERATOR),
    "events.hold": _may(ORGANISER, COORDINATOR),
    "events.rate": _may(PARTICIPANT, NLO, ORGANISER, COORDINATOR, FORM),
    # Good practices: those in the library are everybody's, a draft is its member's and its reviewers'.
    "practices.read": _may(*_PEOPLE),
    "practices.submit": _may(NLO, COORDINATOR),
    "practices.review": _may(NLO, COORDINATOR, ORGANISER),
    "practices.manage": _may(COORDINATOR),
    "practices.reuse": _may(NLO, COORDINATOR),
    # The restricted channel of a network that has one: liaison officers of the members named alone.
    "alerts.read": _may(NLO),
    "alerts.work": _may(NLO),
    "connections.read": _may(COORDINATOR, ORGANISER, OPERATOR),
    "connections.edit": _may(COORDINATOR, ORGANISER, OPERATOR),
    "kpi.read": _may(NLO, COORDINATOR, ORGANISER, BOARD, OPERATOR),
    "kpi.events": _may(NLO, COORDINATOR, ORGANISER, BOARD, OPERATOR),
    # Letters that did not arrive: whose, why, and sending them again.
    "letters.read": _may(COORDINATOR, ORGANISER, OPERATOR),
    "letters.work": _may(COORDINATOR, ORGANISER, OPERATOR),
    "operations.read": _may(COORDINATOR, OPERATOR),
    "operations.work": _may(OPERATOR),
}

# Roles that see every member of their network; the others see their own member alone.
_SEES_ALL = frozenset({COORDINATOR, ORGANISER, BOARD, OPERATOR})


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a person signed in, or a key (which has no address)."""

    subject: str
    name: str
    roles: frozenset[Role]
    member: str | None
    network: str
    email: str = ""
    rights: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    """The only actions that a key may use of those its roles allow; empty for all of them, and for persons."""

    def may(self, action: str) -> bool:
        """Whether a role, or a right given to the key, allows it. Unknown actions are a mistake in the code."""
        by_role = not self.roles.isdisjoint(ACTIONS[action]) and (not self.scopes or action in self.scopes)
        return by_role or action in self.rights

    @property
    def own_member(self) -> str | None:
        """The one member whose things this principal sees; None where it sees all of the network."""
        if not self.roles.isdisjoint(_SEES_ALL) or (FORM in self.roles and self.member is None):
            return None
        return self.member or ""  # a person without a member sees no member's things


class SignInNeeded(Exception):
    """Nobody is signed in: a page leads to sign-in, the API answers 401."""


class NotAllowed(Exception):
    """Signed in, and may not: 403."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


PUBLIC = "public"


def require(action: str) -> Any:
    """The dependency that admits only who may: `Annotated[Principal, require("requests.submit")]`.

    Signed out: the page redirects to sign-in, the API answers 401. Without the right: 403.
    """
    ACTIONS[action]  # a typing error fails at import, not at the first visitor

    async def principal_with_right(request: Request) -> Principal:
        from shared.web.session import identify

        principal = (await identify(request)).principal
        if principal is None:
            raise SignInNeeded
        if not principal.may(action):
            raise NotAllowed(action)
        return principal

    return _declared(principal_with_right, action)


def public() -> Any:
    """The dependency of what everybody may: `Annotated[Principal | None, public()]`."""

    async def principal_if_any(request: Request) -> Principal | None:
        from shared.web.session import identify

        return (await identify(request)).principal

    return _declared(principal_if_any, PUBLIC)


def unasked() -> Any:
    """The dependency of what everybody may and where nobody is looked up, such as a health check."""

    async def anybody(request: Request) -> None:
        return None

    return _declared(anybody, PUBLIC)


def _declared(call: Callable[[Request], Awaitable[Any]], action: str) -> Any:
    call.action = action  # type: ignore[attr-defined]
    return Depends(call)


def only_own(principal: Principal, *, network: str, member: str | None = None) -> None:
    """404 for a thing of another network, or of another member where the principal sees only its own."""
    foreign_member = member is not None and principal.own_member not in (None, member)
    if network != principal.network or foreign_member:
        raise HTTPException(404)


def actions_of(app: FastAPI) -> Iterator[tuple[str, str, str | None]]:
    """Method, path and declared action (None where a route has none) of every route, mounts aside."""
    for method, path, actions in all_actions_of(app):
        yield method, path, actions[0] if actions else None


def all_actions_of(app: FastAPI) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """As `actions_of`, with each action that a route asks for: who has one of several only is refused."""
    for context in iter_route_contexts(app.routes):
        methods = getattr(context, "methods", None)
        path = getattr(context, "path", None)
        if methods and path:
            actions = tuple(dict.fromkeys(_actions(getattr(context, "dependant", None))))
            yield from ((method, path, actions) for method in sorted(methods))


def _actions(dependant: Any) -> Iterator[str]:
    calls: Iterable[Any] = dependant.dependencies if dependant else ()
    for one in calls:
        if action := getattr(one.call, "action", None):
            yield str(action)
        yield from _actions(one)
