"""What somebody may do on a day: the roles given to them, those of a deputy for as long as it lasts, and who gives."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from shared.contracts.refused import Refused

from .person import Role

HUMAN = (Role.NLO, Role.COORDINATOR, Role.ORGANISER, Role.PARTICIPANT, Role.BOARD, Role.OPERATOR)
"""The roles that persons hold, as lists show them."""
NEVER_LAST = (Role.COORDINATOR, Role.OPERATOR)
"""Roles whose last holder in a network keeps them: else nobody could mend it."""
_GIVES: Mapping[Role, frozenset[Role]] = {
    Role.COORDINATOR: frozenset(HUMAN) - {Role.OPERATOR},
    Role.OPERATOR: frozenset(HUMAN),
}


def may_give(giver: Iterable[Role]) -> frozenset[Role]:
    """The roles that who holds these may give to a person, and take away."""
    return frozenset().union(*(_GIVES.get(role, frozenset()) for role in giver))


def check_giving(giver: Iterable[Role], touched: Iterable[Role]) -> None:
    """Refuse to give or take a role that is not the giver's to give."""
    if set(touched) - may_give(giver):
        raise Refused("role-not-yours", "One of these roles is not yours to give or take; ask an operator.", status=403)


def check_managing(giver: Iterable[Role], held: Iterable[Role]) -> None:
    """Refuse to change somebody who holds a role beyond the giver's: a new address would hand it over."""
    if set(held) - may_give(giver):
        raise Refused("person-not-yours", "Only an operator may change this person.", status=403)


def standing(row: Mapping[str, Any], today: date) -> tuple[tuple[Role, ...], str | None]:
    """Roles and member of a person's document on that day. An account that is closed holds no role."""
    roles = [Role(role) for role in row.get("roles", ())]
    if not roles or not acts_as_deputy(row, today):
        return tuple(roles), row.get("member")
    return tuple(dict.fromkeys([*roles, Role.NLO])), row.get("member") or row["deputy"]["member"]


def acts_as_deputy(row: Mapping[str, Any], today: date) -> bool:
    deputy = row.get("deputy")
    return deputy is not None and deputy["from"] <= today.isoformat() <= deputy["until"]
