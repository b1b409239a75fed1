"""The first journey: a request becomes a training, a call an exchange, and the dashboard tells of it to the digit.

Everybody works in a browser of their own through the front door of `liaison up`; nothing is seeded, and there is no
call beside the pages. It runs twice: with scripts, where the dashboard is opened once and moves by itself, and without.
"""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from shared.contracts.vocabulary import Quarter
from tests.e2e import outcome
from tests.e2e.browsing import House, Inspector
from tests.e2e.dashboard import Watcher
from tests.e2e.launcher import liaison_up
from tests.e2e.persons import Coordinator, Nlo, Organiser, Participant, Stranger
from tests.support.pages import chromium, picture

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

INDUCTION = "Induction training in Bulgarian for new inspectors"
FAIR_WORK = "Fair work in construction, a national day"
WEBSITE = "Review of our website on road transport"
MEDIATION, LETTERBOX = "Mediation procedure in practice", "Letterbox companies, advanced"  # of the sample file
WEBSITE_WHY = "The site was reviewed last year; act on those recommendations first."
EXCHANGE = "Bulgaria to Spain"


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    async with chromium() as browser, liaison_up(tmp_path / "data", "--no-demo") as base:
        yield House(base, browser, request.param, Inspector(request.param))


async def test_the_first_journey(house: House, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    board = await Watcher.enter(house)
    await board.begins()
    bulgaria = await Nlo.enter(house, "Iva Dragomirova")
    coordinator = await Coordinator.enter(house)
    organiser = await Organiser.enter(house)

    await members_ask(bulgaria, Quarter.of(today), tmp_path)
    await board.watches(requests="6", requests_decided="0 %")
    await the_coordinator_decides(coordinator, Quarter.of(today))
    await board.watches(requests_decided="83 %", completed_to_planned="0 %")
    await the_member_reads_why(bulgaria, Quarter.of(today))

    stoyan, raya, doru = [
        await Participant.enter(house, name) for name in ("Stoyan Kamenarov", "Raya Izvorska", "Doru Văleanu")
    ]
    await a_full_training_has_a_waitlist(organiser, bulgaria, (stoyan, raya, doru), today)
    await board.watches(registrations="2", waiting="1")
    await the_training_is_held(organiser, (stoyan, raya))
    await board.watches(completed_to_planned="33 %", participation_rate="50 %", participations="2", persons="2")
    await bulgaria.hears_it_was_held(INDUCTION)
    link = await those_present_rate_it(organiser, stoyan, raya)
    await board.watches(relevance="fewer than five")
    await (await Stranger.enter(house)).is_refused(link, "This link was used already")

    duarte, nerea = [await Participant.enter(house, name) for name in ("Duarte Pinhalves", "Nerea Olmedillas")]
    await a_national_event_is_held(organiser, (stoyan, doru, duarte, nerea), today)
    await board.watches(national_events="1", relevance="4.2", added_value="3.8")

    spain = await Nlo.enter(house, "Rocío Valdeolmos")
    await an_exchange_is_agreed(coordinator, bulgaria, spain, today)
    await organiser.holds_the_exchange("Bulgaria, Spain")
    await board.watches(activities_held=outcome.figures(today)["activities-held"])
    await bulgaria.hears_the_exchange_was_held("Bulgaria")

    await coordinator.finds_all_services_ready()
    await the_dashboard_is_right(board, today)
    assert house.wrong == []


async def members_ask(bulgaria: Nlo, quarter: Quarter, folder: Path) -> None:
    when = words(quarter)
    await bulgaria.asks_for(
        "Training provided in a host Member State",
        Title=INDUCTION,
        Topic="Posting of workers",
        Description="New inspectors learn to tell posting from letterbox companies.",
        Target_groups="National inspectors",
        Who_takes_part="Inspectors in their first year",
        Participants="60",
        Language="Bulgarian",
        Mode="On site",
        Quarter_wished=when,
    )
    await bulgaria.asks_for("National event", Title=FAIR_WORK, Language="Bulgarian", Quarter_wished=when)
    await bulgaria.asks_for(
        "Website review", Title=WEBSITE, Address_of_the_website="https://example.bg/transport", Quarter_wished=when
    )
    await bulgaria.sends_the_sample(folder, "3 requests accepted")
    await bulgaria.sends_the_sample(folder, "0 requests accepted, 3 were there already")


async def the_coordinator_decides(coordinator: Coordinator, quarter: Quarter) -> None:
    await coordinator.weighs(INDUCTION, FAIR_WORK, WEBSITE, MEDIATION, LETTERBOX)
    line = "Trainings provided in a host Member State"
    await coordinator.plans(INDUCTION, line, words(quarter), "Trainers are free; Bulgarian speakers found.")
    await coordinator.plans(FAIR_WORK, "National events facilitated by the NLOs", words(quarter), "Fits the campaign.")
    await coordinator.plans(MEDIATION, "Mediation trainings", words(quarter), "Half a day can be had soon.")
    await coordinator.defers(LETTERBOX, f"Q4 {quarter.year + 1}", "The experts are bound until summer.")
    await coordinator.declines(WEBSITE, WEBSITE_WHY)


async def the_member_reads_why(bulgaria: Nlo, quarter: Quarter) -> None:
    planned = f"Planned for {words(quarter)}"
    await bulgaria.finds(INDUCTION, "Planned", planned, "Trainers are free; Bulgarian speakers found.")
    await bulgaria.finds(WEBSITE, "Declined", "By Miroslava Brezinková", WEBSITE_WHY)
    await bulgaria.finds(LETTERBOX, "Deferred", "The experts are bound until summer.")


async def a_full_training_has_a_waitlist(
    organiser: Organiser, bulgaria: Nlo, participants: tuple[Participant, ...], today: date
) -> None:
    stoyan, raya, doru = participants
    await organiser.schedules("Training in a host Member State", INDUCTION, today, "Sofia", "On site", (2,))
    await organiser.opens_registration(INDUCTION, "BG", "RO")
    await bulgaria.nominates(INDUCTION, {"Kalina Vasileva": "kalina.vasileva@bg.example.test"}, "A place is yours.")
    await stoyan.registers(INDUCTION, "A place is yours.")
    await raya.registers(INDUCTION, "All places are taken: you are number 1 in line")
    await doru.registers(INDUCTION, "All places are taken: you are number 2 in line")
    await bulgaria.gives_back_the_place_of("Kalina Vasileva", INDUCTION)
    await raya.finds_a_place(INDUCTION)


async def the_training_is_held(organiser: Organiser, present: tuple[Participant, ...]) -> None:
    await organiser.closes_registration(INDUCTION)
    await organiser.records(INDUCTION, [one.name for one in present], changed=2)
    await organiser.says_it_was_held(INDUCTION)


async def those_present_rate_it(organiser: Organiser, stoyan: Participant, raya: Participant) -> str:
    """The link that the first one used."""
    link = await stoyan.rates(INDUCTION, 5, 4, "The cases from the ports were worth the journey.")
    await stoyan.has_no_link_any_more(INDUCTION)
    await raya.rates(INDUCTION, 4, 4, "More time for the exercises, please.")
    await organiser.closes_the_survey(INDUCTION)
    return link


async def a_national_event_is_held(organiser: Organiser, participants: tuple[Participant, ...], today: date) -> None:
    """One of four stays away, and of five members invited one sends nobody, another only who stays away."""
    stoyan, doru, duarte, nerea = participants
    await organiser.schedules("National event", FAIR_WORK, today, "Plovdiv", "Hybrid", (10, 10))
    await organiser.opens_registration(FAIR_WORK, "BG", "RO", "PT", "ES", "FR")
    await stoyan.registers(FAIR_WORK, "A place is yours.", mode="On site")
    for one in (doru, duarte, nerea):
        await one.registers(FAIR_WORK, "A place is yours.", mode="Online")
    await organiser.closes_registration(FAIR_WORK)
    await organiser.records(FAIR_WORK, [stoyan.name, doru.name, duarte.name], changed=4)
    await organiser.says_it_was_held(FAIR_WORK)
    await stoyan.rates(FAIR_WORK, 3, 5, "")
    await doru.rates(FAIR_WORK, 5, 4, "")
    await duarte.rates(FAIR_WORK, 4, 2, "")
    await organiser.closes_the_survey(FAIR_WORK)


async def an_exchange_is_agreed(coordinator: Coordinator, bulgaria: Nlo, spain: Nlo, today: date) -> None:
    year, number, _day = today.isocalendar()
    week = f"{year}-W{number:02}"
    await coordinator.opens_a_call(year)
    await bulgaria.files_an_interest("Undeclared work", week, "English", wish="ES Spain")
    await spain.offers_to_host("Undeclared work", week, "English", places=3)
    await coordinator.proposes_what_the_match_finds("It gives Bulgaria its first exchange.", "Spain is wish 1 of 1.")
    await bulgaria.accepts(EXCHANGE, "waits for Spain")
    await spain.accepts(EXCHANGE, "agreed by both sides")


async def the_dashboard_is_right(board: Watcher, today: date) -> None:
    """As it stands there without a reload, and as whoever opens it now reads it."""
    if board.house.scripts:
        await outcome.is_shown(board, today)
        assert await board.was_never_reloaded()
    await board.reloads()
    await outcome.is_shown(board, today)
    await picture(board.page, "journey")
    await outcome.opens_what_is_behind(board, today)


def words(quarter: Quarter) -> str:
    return f"Q{quarter.number} {quarter.year}"
