"""What an event may hold: what the log would not take never gets into the store."""

import pytest

from shared.contracts.base import Command
from shared.contracts.envelope import MOST_BYTES
from shared.contracts.events import SurveyOpened
from shared.contracts.refused import Refused
from shared.spine.aggregate import Aggregate
from shared.spine.draft import Draft, Work
from shared.spine.origin import Origin


def drafted(event) -> Draft:
    """The group of one command that comes to this event."""
    draft = Draft({"thing": Aggregate("thing", dict, lambda state, _: state)})
    draft.add(Work(Origin("ela"), Command(), {"thing-1": lambda state, command: [event]}))
    return draft


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (SurveyOpened(activity="x" * MOST_BYTES, tokens=1), "too-large"),
        (SurveyOpened(activity="activity-1", tokens=2**64), "unusable"),
    ],
)
def test_what_the_log_would_not_take_is_refused(event, code):
    draft = drafted(event)
    (outcome,) = draft.outcomes
    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert not draft.events
    assert not draft.moved


def test_an_event_of_two_thousand_participants_is_taken():
    event = SurveyOpened(activity="activity-1", tokens=2_000, vouchers=tuple("f" * 64 for _ in range(2_000)))
    assert len(drafted(event).events) == 1
