"""Nothing is called by its internal name where it is told who may do what, and who did what."""

from typing import get_args

from shared.contracts import catalogue
from shared.contracts.base import EVENTS
from shared.people import Role
from shared.people.reads import Purpose
from shared.people.standing import HUMAN, may_give
from shared.people.trail import What
from shared.spine.audit_words import TYPES
from shared.web.admin.actions import ACTION_WORDS
from shared.web.admin.common import CHANGES, PURPOSES
from shared.web.rights import ACTIONS, Principal


def test_every_action_has_words():
    assert ACTIONS.keys() ^ ACTION_WORDS.keys() == set(), "say it in words in shared/web/admin/actions.py"


def test_every_event_has_words():
    assert catalogue.BY_SERVICE
    ours = [type for type, model in EVENTS.items() if model.__module__.startswith("shared.contracts.")]
    assert [type for type in ours if ".".join(type.split(".")[2:4]) not in TYPES] == [], (
        "say it in words in shared/spine/audit_words.py"
    )


def test_every_change_and_purpose_has_words():
    assert CHANGES.keys() == set(get_args(What))
    assert PURPOSES.keys() == set(Purpose)


def test_nobody_gives_the_role_of_a_form_and_only_operators_make_operators():
    assert may_give({Role.OPERATOR}) == set(HUMAN)
    assert may_give({Role.COORDINATOR}) == set(HUMAN) - {Role.OPERATOR}
    assert may_give(set(Role) - {Role.COORDINATOR, Role.OPERATOR}) == frozenset()


def test_a_key_may_only_what_its_scopes_say_and_what_it_was_given():
    roles, rights, scopes = frozenset({Role.NLO}), frozenset({"history.write"}), frozenset({"requests.read"})
    key = Principal("key-1", "K", roles, "BG", "ela", rights=rights, scopes=scopes)
    assert [key.may(one) for one in ("requests.read", "history.write", "requests.submit", "plan.adopt")] == [
        True, True, False, False,
    ]  # fmt: skip
