"""Good practices from draft to library and reuse, and restricted alerts with their receipts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from fastapi import HTTPException
from pydantic import SecretStr

from services.events import warning
from services.events.commands.alert import (
    CorrectAlert,
    DiscussAlert,
    ExpireAlert,
    RaiseAlert,
    ReadAlert,
    WithdrawAlert,
)
from services.events.commands.practice import (
    AboutPractice,
    DraftPractice,
    NameReviewers,
    OpenPracticeCall,
    PublishPractice,
    RecognisePractice,
    RecordReuse,
    ReturnPractice,
    ReviewPractice,
    SubmitPractice,
    TakeBackRecognition,
    TakeBackReuse,
    UnpublishPractice,
)
from services.events.domain import alert, practice, themes
from services.events.domain.alert import Alert
from services.events.domain.practice import Practice, Status
from services.events.domain.themes import Themes
from services.events.practising import required
from services.events.queries.practice import Found
from services.events.sealed import Sealed
from services.events.web.practices import common
from shared.contracts.base import Event
from shared.contracts.practices import PracticePublished, PracticeReused, ReuseTakenBack
from shared.contracts.refused import Refused
from shared.people import Role
from shared.people.scrub import Scrubber
from shared.profiles import load
from shared.settings import Settings
from shared.web.rights import Principal

ID = "practice-01920000-0000-7000-8000-000000000001"
REUSE = "reuse-01920000-0000-7000-8000-000000000002"
ALERT = "warning-01920000-0000-7000-8000-000000000003"
CRITERIA = tuple(one.id for one in load("fr-it-pt-es").practice_criteria)
WHEN = datetime(2024, 5, 13, 9, tzinfo=UTC)
MEMBERS = {"ana": "PT", "ben": "ES", "cleo": "FR", "dora": "IT"}


def fold(state: Practice, events: list[Event]) -> Practice:
    for event in events:
        state = practice.evolve(state, event)
    return state


def at(command: Any) -> Any:
    return command.model_copy(update={"happened_at": WHEN})


def drafted(*filled: str, theme: str = "theme-1") -> Practice:
    command = at(DraftPractice(practice=ID, member="PT", theme=theme))
    year = 2024 if theme else 0
    return fold(Practice(), practice.draft(Practice(), command, year=year, filled=filled, changed=filled))


def submitted() -> Practice:
    state = drafted("title")
    return fold(state, practice.submit(state, at(SubmitPractice(practice=ID)), required=["title"], call_open=True))


def reviewed() -> Practice:
    state = submitted()
    named = at(NameReviewers(practice=ID, reviewers=("ben", "cleo")))
    state = fold(state, practice.name_reviewers(state, named, members=MEMBERS))
    for who, score in (("ben", 5), ("cleo", 4)):
        state = fold(state, judged(state, who, score))
    return state


def judged(state: Practice, who: str, score: int) -> list[Event]:
    command = at(ReviewPractice(practice=ID, reviewer=who, scores=dict.fromkeys(CRITERIA, score)))
    return practice.review(state, command, member=MEMBERS[who], criteria=CRITERIA)


def refused(decide: Any) -> str:
    with pytest.raises(Refused) as error:
        decide()
    return error.value.code


def test_the_form_has_every_field_of_the_document_and_seven_criteria() -> None:
    profile = load("fr-it-pt-es")
    assert len(profile.practice_fields) == 26
    assert len(CRITERIA) == 7
    assert {"title", "summary", *CRITERIA} <= set(required(profile))
    assert not {"web-page", "member", "topic"} & set(required(profile))


def test_it_is_submitted_to_an_open_call_with_all_that_is_required() -> None:
    command = at(SubmitPractice(practice=ID))
    submit = partial(practice.submit, drafted("title"), command, call_open=True)
    assert refused(lambda: submit(required=["title", "summary"])) == "fields-missing"
    assert refused(lambda: practice.submit(drafted("title"), command, required=[], call_open=False)) == "no-call"
    assert refused(lambda: practice.submit(drafted(theme=""), command, required=[], call_open=True)) == "no-call"
    assert submitted().status is Status.SUBMITTED
    assert refused(lambda: practice.submit(submitted(), command, required=[], call_open=True)) == "wrong-status"


@pytest.mark.parametrize(
    ("named", "code"),
    [(("ben", "ben"), "same-reviewer"), (("ana", "ben"), "own-member"), (("ben", "zoe"), "no-reviewer")],
)
def test_two_different_persons_of_other_members_review_it(named: tuple[str, str], code: str) -> None:
    command = at(NameReviewers(practice=ID, reviewers=named))
    assert refused(lambda: practice.name_reviewers(submitted(), command, members=MEMBERS)) == code


def test_it_is_reviewed_once_both_gave_a_score_for_each_criterion() -> None:
    state = reviewed()
    assert (state.status, state.score, set(state.means)) == (Status.REVIEWED, 4.5, set(CRITERIA))
    assert refused(lambda: judged(state, "dora", 5)) == "not-reviewer"
    assert refused(lambda: judged(replace(state, reviewers=("ana", "ben")), "ana", 5)) == "own-member"
    few = at(ReviewPractice(practice=ID, reviewer="ben", scores={CRITERIA[0]: 3}))
    assert refused(lambda: practice.review(state, few, member="ES", criteria=CRITERIA)) == "scores-missing"
    again = fold(state, judged(state, "ben", 2))
    assert (again.status, again.score) == (Status.REVIEWED, 3.0)
    other = at(NameReviewers(practice=ID, reviewers=("cleo", "dora")))
    assert refused(lambda: practice.name_reviewers(state, other, members=MEMBERS)) == "has-reviewed"


def test_a_review_without_its_words_is_another_one() -> None:
    state = reviewed()
    assert judged(state, "ben", 5) == []
    worded = replace(state, reviews={**state.reviews, "ben": replace(state.reviews["ben"], words="words-1")})
    [again] = judged(worded, "ben", 5)
    assert fold(worded, [again]).reviews["ben"].words == ""


def test_files_go_with_a_draft_alone() -> None:
    command = AboutPractice(practice=ID)
    assert practice.change_files(drafted(), command) == []
    for state in (submitted(), reviewed(), replace(reviewed(), status=Status.PUBLISHED)):
        assert refused(partial(practice.change_files, state, command)) == "wrong-status"
    assert refused(lambda: practice.change_files(Practice(), command)) == "not-found"


@pytest.mark.parametrize(
    ("role", "member", "may"),
    [
        (Role.NLO, "PT", True),
        (Role.NLO, "ES", False),
        (Role.COORDINATOR, None, True),
        (Role.ORGANISER, None, False),
        (Role.BOARD, None, False),
        (Role.OPERATOR, None, False),
        (Role.PARTICIPANT, "PT", False),
    ],
)
async def test_a_draft_is_for_who_may_submit_it(
    role: Role, member: str | None, may: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def one(*_: Any) -> Found:
        return Found(ID, "ela", 1, drafted("title"), {})

    async def nobody(*_: Any) -> None:
        return None

    monkeypatch.setattr(common.queries, "one", one)
    monkeypatch.setattr(common, "person_of", nobody)
    monkeypatch.setattr(common, "db_of", lambda _request: None)
    principal = Principal("me", "Me", frozenset({role}), member, "ela", "me@example.test")
    if may:
        assert (await common.seen(None, principal, ID)).id == ID  # type: ignore[arg-type]
        return
    with pytest.raises(HTTPException) as error:
        await common.seen(None, principal, ID)  # type: ignore[arg-type]
    assert error.value.status_code == 404


def test_sent_back_it_is_a_draft_without_reviews() -> None:
    state = fold(reviewed(), practice.decide(reviewed(), at(ReturnPractice(practice=ID, reason="Shorter"))))
    assert (state.status, state.reviews, state.reviewers) == (Status.DRAFT, {}, ())


def test_published_recognised_and_taken_back() -> None:
    assert refused(lambda: practice.decide(submitted(), at(PublishPractice(practice=ID)))) == "wrong-status"
    [published] = practice.decide(reviewed(), at(PublishPractice(practice=ID)))
    assert published == PracticePublished(member="PT", year=2024, theme="theme-1", score=4.5, on="2024-05-13")
    state = fold(reviewed(), [published])
    early = at(RecognisePractice(practice=ID, presented_on=date(2024, 6, 1)))
    assert refused(lambda: practice.decide(state, early)) == "in-the-future"
    state = fold(state, practice.decide(state, at(RecognisePractice(practice=ID, presented_on=date(2024, 5, 1)))))
    assert state.exemplary
    assert refused(lambda: practice.decide(state, at(UnpublishPractice(practice=ID)))) == "is-exemplary"
    state = fold(state, practice.decide(state, at(TakeBackRecognition(practice=ID))))
    assert (state.exemplary, state.presented_on) == (False, None)
    [gone] = practice.decide(state, at(UnpublishPractice(practice=ID)))
    assert fold(state, [gone]).status is Status.REVIEWED


def test_another_member_reuses_it_once_and_may_take_it_back() -> None:
    state = fold(reviewed(), practice.decide(reviewed(), at(PublishPractice(practice=ID))))

    def reuse(by: str, since: str = "2023-09", name: str = REUSE) -> list[Event]:
        return practice.decide(state, at(RecordReuse(practice=ID, reuse=name, by=by, since=since)))

    assert refused(lambda: reuse("PT")) == "own-practice"
    assert refused(lambda: reuse("ES", "2025")) == "in-the-future"
    [told] = reuse("ES")
    assert isinstance(told, PracticeReused)
    assert (told.member, told.by, told.since, told.on) == ("PT", "ES", "2023-09", "2024-05-13")
    state = fold(state, [told])
    assert refused(lambda: reuse("ES", name=REUSE[:-1] + "9")) == "already-reused"
    [back] = practice.decide(state, at(TakeBackReuse(practice=ID, reuse=REUSE)))
    assert isinstance(back, ReuseTakenBack)
    assert (back.by, back.previously_on) == ("ES", "2024-05-13")
    assert fold(state, [back]).reuses == {}


def test_themes_stay_once_they_were_asked_for_and_the_call_ends_by_itself() -> None:
    command = at(OpenPracticeCall(year=2024, themes=("Seasonal work", "Posting"), closes_on=date(2024, 9, 30)))
    [opened] = themes.decide(Themes(), command)
    state = themes.evolve(Themes(), opened)
    assert (state.open, state.themes) == (True, ("theme-1", "theme-2"))
    fewer = command.model_copy(update={"themes": ("Posting",)})
    assert refused(lambda: themes.decide(state, fewer)) == "themes-stay"
    [(_, when, due)] = themes.falls_due("themes-1", opened)
    assert (when, due.call) == (datetime(2024, 10, 1, tzinfo=UTC), "themes-1")


def told(state: Alert, command: Any) -> Alert:
    for event in alert.decide(state, at(command)):
        state = alert.evolve(state, event)
    return state


def raised(**changes: Any) -> Alert:
    facts = {"member": "ES", "to": ("FR", "PT"), "expires_on": date(2024, 6, 1), **changes}
    command = at(RaiseAlert(alert=ALERT, **facts))
    [event] = alert.raise_(Alert(), command, named=("ES", "FR", "IT", "PT"), longest_days=90)
    return alert.evolve(Alert(), event)


def test_an_alert_is_for_named_members_of_the_channel_and_for_a_time() -> None:
    state = raised()
    assert [state.is_for(one) for one in ("ES", "FR", "PT", "IT", None)] == [True, True, True, False, False]
    assert refused(lambda: raised(to=("ES",))) == "not-named"
    assert refused(lambda: raised(to=("DE",))) == "not-named"
    assert refused(lambda: raised(member="DE")) == "not-named"
    assert refused(lambda: raised(expires_on=date(2024, 5, 13))) == "expiry"
    assert refused(lambda: raised(expires_on=date(2025, 5, 13))) == "expiry"


def test_a_receipt_counts_for_the_alert_as_it_stood() -> None:
    read = ReadAlert(alert=ALERT, person="cleo", member="FR")
    state = told(raised(), read)
    assert state.was_read_by("cleo")
    assert alert.decide(state, at(read)) == []
    assert refused(lambda: told(state, CorrectAlert(alert=ALERT, member="FR"))) == "other-member"
    state = told(state, CorrectAlert(alert=ALERT, member="ES"))
    assert not state.was_read_by("cleo")
    assert told(state, read).was_read_by("cleo")


@pytest.mark.parametrize("end", [WithdrawAlert(alert=ALERT, member="ES"), ExpireAlert(alert=ALERT)])
def test_what_has_ended_is_neither_read_nor_discussed(end: Any) -> None:
    state = told(told(raised(), DiscussAlert(alert=ALERT, member="FR", message="message-1")), end)
    assert refused(lambda: told(state, ReadAlert(alert=ALERT, person="cleo", member="FR"))) == "is-over"
    assert refused(lambda: told(state, DiscussAlert(alert=ALERT, member="FR", message="message-2"))) == "is-over"
    assert alert.decide(state, at(ExpireAlert(alert=ALERT))) == []
    [event] = alert.decide(raised(), at(end))
    again = (f"expire/{ALERT}", WHEN + alert.AGAIN, ExpireAlert(alert=ALERT))
    assert list(alert.falls_due(ALERT, event, WHEN)) == [again]


async def test_a_name_is_taken_out_of_sealed_words_and_the_rest_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(profile="local", secret=SecretStr("a secret for tests that is long enough"))
    monkeypatch.setattr(warning, "get_settings", lambda: settings)
    sealed = Sealed(settings, "alerts")
    said = sealed.seal("Marta Ruiz signs for Obras Cometa.")
    kept: dict[str, Any] = {"_id": ALERT, "network": "fr-it-pt-es", "sealed": {"text": said}}

    class Words:
        def find(self, query: dict[str, Any]) -> "Words":
            self.left = [kept] if query["network"] == kept["network"] else []
            return self

        def __aiter__(self) -> "Words":
            return self

        async def __anext__(self) -> dict[str, Any]:
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop()

        async def update_one(self, query: dict[str, Any], change: dict[str, Any]) -> None:
            assert query["sealed"] == kept["sealed"]
            kept["sealed"] = {"text": change["$set"]["sealed.text"]}

    db = {warning.WORDS: Words()}
    assert await warning.scrub(db, Scrubber(["Marta Ruiz"], []), "ela") == 0
    assert await warning.scrub(db, Scrubber(["Marta Ruiz"], []), "fr-it-pt-es") == 1
    assert sealed.open(kept["sealed"]["text"]) == "[removed] signs for Obras Cometa."
