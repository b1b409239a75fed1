"""The demonstration year as data: reproducible, within the year, with the story that the dashboard tells."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from deploy.demo import words
from deploy.demo.names import Crowd
from deploy.demo.programme import CELLS, plan, programme
from deploy.demo.story import LAST_DAY, Story, week_ends
from services.requests.analysing import rules_of
from services.requests.domain import needs
from services.requests.domain.needs import RecordNeeds
from shared.contracts.vocabulary import MEMBER_STATES
from shared.profiles import load


@pytest.fixture(scope="module")
def stories() -> list[Story]:
    return programme()


def steps(stories: list[Story], do: str, network: str = "ela"):
    return [step for story in stories if story.network == network for step in story.steps if step.do == do]


def test_the_same_seed_makes_the_same_year_and_another_makes_another(stories) -> None:
    assert programme() == stories
    assert programme(7) != stories


def test_every_name_is_there_once_and_every_story_is_in_order(stories) -> None:
    assert max(Counter((story.network, story.name) for story in stories).values()) == 1
    for story in stories:
        moments = [step.at for step in story.steps]
        assert moments == sorted(moments)
    assert max(step.at for story in stories for step in story.steps) < week_ends()[-1]


def test_the_clock_walks_a_week_at_a_time_to_15_october(stories) -> None:
    ends = week_ends()
    assert ends[0] == datetime.fromisoformat("2023-12-10T20:00Z")
    assert all(later - earlier == timedelta(days=7) for earlier, later in pairwise(ends[:-1]))
    assert ends[-1].date() == LAST_DAY == date(2024, 10, 15)


def test_the_plan_has_its_18_lines_and_as_many_activities_as_its_table(stories) -> None:
    profile = load("ela")
    slots = plan(random.Random(1), profile)
    assert {slot.line for slot in slots} == {line.id for line in profile.lines(2024)}
    assert len({slot.line for slot in slots}) == 18
    assert Counter((slot.quarter, slot.fate) for slot in slots) == CELLS
    assert len(steps(stories, "plan")) + len(steps(stories, "plan own")) == 148


def test_a_year_of_6000_registrations_91_activities_and_2000_answers(stories) -> None:
    people = [len(step.facts["people"]) for step in steps(stories, "register")]
    assert 5_700 <= sum(people) <= 6_300
    assert len(steps(stories, "hold")) == 91
    assert 1_900 <= sum(len(step.facts["marks"]) for step in steps(stories, "rate")) <= 2_300


def test_every_member_takes_part_but_one(stories) -> None:
    present = set()
    for story in stories:
        told = [step for step in story.steps if step.do == "attend"]
        for step in story.steps:
            if told and step.do == "register":
                absent = {tuple(one) for one in told[0].facts["absent"]}
                present |= {one[0] for one in step.facts["people"] if tuple(one) not in absent}
    assert present == set(MEMBER_STATES) - {words.ABSENT}
    assert set(words.BUSY) == set(words.CITIES) == set(words.LANGUAGES) == set(MEMBER_STATES)


def test_19_members_had_their_national_event(stories) -> None:
    held = [story for story in stories if story.name.startswith("national-events")]
    held = [story for story in held if any(step.do == "hold" for step in story.steps)]
    members = {step.facts["member"] for story in held for step in story.steps if step.do == "submit"}
    assert len(held) == len(members) == 19
    assert not members & set(words.NO_NATIONAL_EVENT)


def test_the_27_members_ask_and_nothing_is_open_when_the_plan_is_adopted(stories) -> None:
    assert {step.facts["member"] for step in steps(stories, "submit")} == set(MEMBER_STATES)
    [adopted] = steps(stories, "adopt")
    monday = adopted.at - timedelta(days=adopted.at.weekday(), hours=20)
    for story in stories:
        for sent, decided in pairwise(story.steps):
            if sent.do == "submit" and sent.at < adopted.at:
                assert decided.at < monday


def test_requests_are_filled_in_as_their_kind_asks(stories) -> None:
    kinds = load("ela").request_kinds
    for step in steps(stories, "submit"):
        kind = kinds[step.facts["kind"]]
        assert kind.offered
        assert not kind.to_call
        assert step.facts.keys() <= {"kind", "member", "title", "description", "audience", *kind.takes}
    for step in steps(stories, "decline") + steps(stories, "defer") + steps(stories, "withdraw"):
        assert step.facts["reason"]


def test_the_bilateral_activities_keep_their_kinds_and_get_no_invented_days(stories) -> None:
    profile = load("fr-it-pt-es")
    bilateral = {story.name.removeprefix("bilateral-"): story for story in stories if story.network == profile.id}
    assert bilateral.keys() == {one.id for one in profile.bilateral}
    for one in profile.bilateral:
        first, *more = bilateral[one.id].steps
        assert first.facts["kind"] == one.kind
        if one.start is None or one.date_doubtful:
            assert more == []
            assert one.dates_as_quoted in first.facts["title"]
        else:
            assert more[0].facts["starts_on"] == one.start.isoformat()
            assert [step.do for step in more[1:]] == (["hold"] if one.end <= LAST_DAY else [])
    assert not steps(stories, "register", profile.id)


def test_a_number_is_always_the_same_person_and_no_two_share_an_address() -> None:
    crowd = Crowd("demo", "people", {"BG": [("Stoyan Kamenarov", "stoyan@bg.example.test")]})
    assert crowd.person("BG", 0)["name"] == "Stoyan Kamenarov"
    assert crowd.person("BG", 5) == Crowd("demo", "people").person("BG", 5)
    addresses = {crowd.person(member, number)["email"] for member in ("BG", "PT") for number in range(200)}
    assert len(addresses) == 400


def test_what_the_networks_know_is_what_their_documents_say(stories) -> None:
    (analysis,) = (step for step in steps(stories, "know") if step.facts["path"] == "needs")
    facts = {name: value for name, value in analysis.facts.items() if name != "path"}
    needs.check(RecordNeeds.model_validate({**facts, "happened_at": analysis.at}), rules_of("ela"))
    known = Counter(step.facts["path"] for step in steps(stories, "know", "earlall"))
    assert known == {"projects": 14, "readings": 2}
