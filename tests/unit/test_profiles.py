"""The profiles against the figures of their documents."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from shared.contracts.vocabulary import MEMBER_STATES, normalise_language
from shared.profiles import NETWORKS, ProfileError, load, profiles


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_is_whole(network):
    profile = load(network)
    ZoneInfo(profile.zone)
    assert profile.id == network
    assert profile.language in profile.languages
    assert all(normalise_language(code) for code in profile.languages)
    assert len(set(profile.member_codes)) == len(profile.members) > 1
    assert profile.open_points
    assert profile.lines(2024)
    assert all(line.heading for line in profile.lines(2024))
    calls = [kind for kind in profile.request_kinds.values() if kind.to_call]
    assert not calls or profile.focus_areas
    assert all(kind.offered or kind.not_offered_reason for kind in profile.request_kinds.values())
    assert all(set(kind.options) <= set(kind.takes) for kind in profile.request_kinds.values())


@pytest.mark.parametrize(
    ("network", "member", "spoken"),
    [("ela", "BG", "bg"), ("ela", "BE", "nl"), ("ela", "CY", "el"), ("earlall", "tuscany", "it"), ("ela", "XX", "")],
)
def test_a_member_has_its_national_language(network, member, spoken):
    assert next(iter(load(network).spoken_in(member)), "") == spoken


def test_every_member_state_has_a_language_that_its_network_knows():
    ela = load("ela")
    assert all(set(ela.spoken_in(code)) <= set(ela.languages) and ela.spoken_in(code) for code in ela.member_codes)


def test_profiles_are_read_once():
    assert list(profiles()) == list(NETWORKS)
    assert profiles()["ela"] is load("ela")


def test_an_unknown_network_is_told():
    with pytest.raises(ProfileError, match="There is no network 'nato'"):
        load("nato")


def test_ela_has_the_27_members_in_protocol_order():
    assert load("ela").member_codes == MEMBER_STATES


def test_ela_plans_18_lines_under_5_headings_with_the_quarters_left_open():
    ela = load("ela")
    lines = ela.lines(2024)
    assert [heading.title for heading in ela.headings] == [
        "Trainings",
        "Mutual learning and understanding",
        "Good practices: exchange and dissemination of experiences",
        "Workshops, seminars and events",
        "Staff exchanges/study visits and secondment schemes",
    ]
    counts = [sum(line.heading == heading.id for line in lines) for heading in ela.headings]
    assert counts == [5, 4, 3, 4, 2]
    assert len({line.id for line in lines}) == 18
    assert all(line.quarters is None for line in lines)
    assert [line.title for line in lines if line.heading == "trainings"] == [
        "EU Labour mobility trainings (basic/intermediate/advanced)",
        "Trainings for networks and platforms",
        "Trainings provided in a host Member State",
        "Modular trainings (toolkit for inspectors)",
        "Mediation trainings",
    ]


def test_ela_has_the_targets_of_the_strategy():
    ela = load("ela")
    assert ela.targets == {
        "completed-to-planned": 0.95, "participation-rate": 0.90, "staff-exchanges": 40, "national-events": 27,
    }  # fmt: skip
    assert {one.id for one in ela.indicators} - set(ela.targets) == {
            "relevance", "added-value", "members-per-annual-training",
        }  # fmt: skip


def test_ela_names_the_readings_of_participation():
    ela = load("ela")
    assert [reading.id for reading in ela.readings] == ["members-invited", "members-network", "stakeholder-groups"]
    assert ela.reading == "members-invited"


def test_ela_remembers_what_the_strategy_tells():
    history = {(past.place, past.date_as_quoted): past.members for past in load("ela").history}
    assert history["Brussels", "July 2022"] == 27
    assert history["Malta", "May 2023"] == 26


def test_a_training_in_a_host_member_state_goes_to_its_line():
    kind = load("ela").request_kinds["training-in-host-member-state"]
    line = load("ela").line(kind.line)
    assert line is not None
    assert line.title == "Trainings provided in a host Member State"
    assert kind.trains_directly
    assert {"language", "participants", "host_place"} <= set(kind.takes)


def test_the_strategys_limits_on_requests():
    kinds = load("ela").request_kinds
    assert kinds["mediation-training"].options["duration"] == ("half-day", "full-day")
    assert kinds["ad-hoc-training"].cap is None  # the source has no number
    assert "limited number" in kinds["ad-hoc-training"].cap_note
    assert not kinds["secondment"].offered
    assert kinds["staff-exchange"].to_call


def test_needs_are_analysed_every_two_years():
    needs = load("ela").needs
    assert needs is not None
    assert needs.every_years == 2


def test_practices_are_judged_by_seven_criteria():
    for network in ("ela", "fr-it-pt-es"):
        assert [criterion.title for criterion in load(network).practice_criteria] == [
            "Achievements/Results and outcomes", "Recognition", "Cost effectiveness", "Transferability",
            "Sustainability", "Innovativeness", "Digitalisation",
        ]  # fmt: skip


def test_the_four_state_24_and_42_actions_and_itemise_sixteen():
    four = load("fr-it-pt-es")
    assert {plan.year: plan.stated_actions for plan in four.plans} == {2023: 24, 2024: 42}
    assert len({one.part_of or one.id for one in four.bilateral}) == 16
    assert {one.kind for one in four.bilateral} == {
        "staff-exchange", "contact-points-meeting", "agents-meeting", "cji", "task-force", "data-exchange",
    }  # fmt: skip


def test_bilateral_dates_are_quoted_and_only_whole_ones_are_days():
    by_id = {one.id: one for one in load("fr-it-pt-es").bilateral}
    assert (by_id["pt-it-lisbon"].start, by_id["pt-it-lisbon"].end) == (date(2023, 10, 30), date(2023, 10, 31))
    assert (by_id["es-pt-merida"].start, by_id["es-pt-merida"].end) == (date(2024, 10, 3), date(2024, 10, 4))
    assert by_id["it-fr-nice"].dates_as_quoted == "18-10 Apr 2024"
    assert by_id["it-fr-nice"].date_doubtful
    assert by_id["it-fr-nice"].start is None
    assert by_id["it-fr-ajaccio"].start is by_id["fr-pt-porto"].start is None
    for one in by_id.values():
        assert (one.start is None) == (one.end is None)
        assert one.start is None or one.end is None or one.start <= one.end


def test_earlall_quotes_owners_periods_and_baselines():
    earlall = load("earlall")
    lines = {line.id: line for line in earlall.lines(2025)}
    assert lines["academy-adult-education"].period_as_quoted == "3 December 2024"
    assert lines["skills-cultural"].owner == "Working Group: Skills and Labour Market"
    assert lines["ai-webinar"].period_as_quoted == "Autumn 2024"
    assert lines["ai-webinar"].other_period_as_quoted == "September 25'"
    assert sum(id.startswith("academy-") for id in lines) == earlall.targets["academy-webinars"] == 6
    targets = {one.id: (one.target, one.baseline) for one in earlall.communication}
    assert targets["x-followers"] == (2200, 2083)
    assert targets["linkedin-followers"] == (1600, 1432)
    assert (len(earlall.headings), len(earlall.priorities), len(earlall.topics)) == (5, 4, 6)
    assert {project.own_grant for project in earlall.projects if project.status == "current"} == {
        66900, 287200, 35000, 109986, 123549, 296250,
    }  # fmt: skip
    assert earlall.targets["vet-learners-mobility"] == earlall.targets["fewer-opportunities"] == 0.20


def test_what_is_not_listed_is_stated_and_not_invented():
    assert load("etf").members_stated == 20
    assert {member.kind for member in load("etf").members} == {"cluster"}
    assert load("eures").members_stated == 31
    assert load("etf").plan(2024) is None


def test_a_year_without_a_plan_starts_from_the_nearest_earlier_one():
    four = load("fr-it-pt-es")
    assert four.lines(2022) == four.lines(2023)
    assert four.lines(2026) == four.lines(2024) != four.lines(2023)


def test_ids_have_titles():
    ela = load("ela")
    assert ela.title_of("BG") == "Bulgaria"
    assert ela.title_of("national-events") == "National events facilitated by the NLOs"
    assert ela.title_of("thematic-workshop") == ela.activity_kinds["thematic-workshop"].title
    assert ela.line_title("thematic-workshop") == "Thematic workshop"
    assert ela.line_title("never-heard") == "never-heard"
    assert ela.title_of("never-heard") == "never-heard"
