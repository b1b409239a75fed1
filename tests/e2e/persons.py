"""What the persons of the journey do, page by page."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, expect

from shared.web.nav import SERVICE_NAMES
from tests.e2e.browsing import Person, Visitor


def row_of(page: Page, text: str) -> Locator:
    """The table's row that says it."""
    return page.get_by_role("row").filter(has_text=text).first


class Nlo(Person):
    """A National Liaison Officer: asks, nominates, sends and hosts exchanges."""

    async def asks_for(self, kind: str, **fields: str) -> None:
        await self.open("/requests/")
        await self.follow("New request")
        await self.follow(kind, exact=True)
        await self.fill(**{name: text for name, text in fields.items() if name not in ("Mode", "Target_groups")})
        for group in ("Mode", "Target_groups"):
            if group in fields:
                await self.tick(group.replace("_", " "), fields[group])
        await self.press("Send request")
        await self.told("Your request was sent.")
        await self.reads(f"{fields['Title']}: waits for a first answer")

    async def sends_the_sample(self, folder: Path, outcome: str) -> None:
        """Download the sample export of EUSurvey and send it as it is."""
        await self.open("/requests/intake/eusurvey")
        sample = folder / "sample.xlsx"
        if not sample.exists():
            await (await self.download("Download a sample")).save_as(sample)
        await self.box("File").set_input_files(sample)
        await self.press("Send the file")
        await self.reads(outcome)

    async def finds(self, title: str, fate: str, *story: str) -> None:
        """The request on the desk with its fate, and on its page who decided and why."""
        await self.open("/requests/")
        await expect(row_of(self.page, title)).to_contain_text(fate)
        await self.follow(title)
        await self.sees(*story)

    async def hears_it_was_held(self, title: str) -> None:
        await self.hears("/requests/", lambda page: row_of(page, title).get_by_text("Held"))

    async def nominates(self, title: str, persons: Mapping[str, str], told: str) -> None:
        await self.open("/events/")
        await self.follow(title, exact=True)
        await self.follow("Nominate participants")
        for number, (name, address) in enumerate(persons.items(), 1):
            await self.set(f"Name of person {number}", name)
            await self.set(f"E-mail of person {number}", address)
        await self.press("Register them")
        await self.told(told)

    async def gives_back_the_place_of(self, name: str, title: str) -> None:
        await self.open("/events/")
        await self.follow(title, exact=True)
        await self.follow("Cancel", row_of(self.page, name))
        await self.press("Cancel the registration")
        await self.told("Cancelled. The place went to the first in line.")

    async def files_an_interest(self, area: str, week: str, language: str, wish: str) -> None:
        await self.open("/matching/")
        await self.follow("File an interest")
        await self.tick("Focus area", area)
        await self.set("Officials", "2")
        await self.box("First week that suits as a start").select_option(week)
        await self.set("Best language", language)
        await self.set("Wish 1", wish)
        await self.press("File the interest")
        await self.told("Your interest is filed.")

    async def offers_to_host(self, area: str, week: str, language: str, places: int) -> None:
        await self.open("/matching/")
        await self.follow("Offer to host")
        await self.tick("Focus areas", area)
        await self.box("First week").select_option(week)
        await self.set("Officials you can receive", str(places))
        await self.set("Working language", language)
        await self.press("Offer to host")
        await self.told("Your offer to host stands.")

    async def accepts(self, exchange: str, then: str) -> None:
        """Answer the proposal that waits on the desk."""
        await self.open("/matching/")
        await self.follow(re.compile("Answer by"))
        await self.reads(f"{exchange}: your answer is due")
        await self.press("Accept")
        await self.told("You accepted this exchange.")
        await self.reads(f"{exchange}: {then}")

    async def hears_the_exchange_was_held(self, exchange: str) -> None:
        await self.hears("/matching/", lambda page: row_of(page, exchange).get_by_text("Held"))


class Coordinator(Person):
    """A capacity-building officer: weighs requests, plans the year, runs the match."""

    name = "Miroslava Brezinková"

    async def weighs(self, *titles: str) -> None:
        await self.open("/requests/triage")
        for title in titles:
            await expect(self.page.locator("#column-new").get_by_role("link", name=title).first).to_be_visible()

    async def _decides(self, title: str, decision: str, **fields: str) -> None:
        await self.open("/requests/triage")
        await self.follow(re.compile("^Decide"), self.page.locator("#column-new li").filter(has_text=title))
        await self.follow(decision)
        for name, text in fields.items():
            await self.set(name.replace("_", " "), text)
        await self.press(decision)

    async def plans(self, title: str, line: str, quarter: str, reason: str) -> None:
        await self._decides(title, "Plan it", Line_of_the_plan=line, Quarter=quarter, Reason=reason)
        await self.told("The request is planned")
        await self.reads(f"{title}: planned for {quarter}")

    async def defers(self, title: str, quarter: str, reason: str) -> None:
        await self._decides(title, "Defer it", Until_quarter=quarter, Reason=reason)
        await self.told("The request is deferred")

    async def declines(self, title: str, reason: str) -> None:
        await self._decides(title, "Decline it", Reason=reason)
        await self.told("The request is declined")

    async def opens_a_call(self, year: int) -> None:
        await self.open("/matching/")
        await self.follow("Open a call")
        await self.set("Year", str(year))
        await self.press("Open the call")
        await self.told("The call is open.")

    async def proposes_what_the_match_finds(self, *reasons: str) -> None:
        await self.open("/matching/")
        await self.follow(re.compile(r"^Call 20"))
        await self.press("Run the match")
        await self.page.wait_for_url("**/matching/runs/**")
        await self.hears(urlsplit(self.page.url).path, lambda page: page.get_by_text("What the run came to"))
        await self.reads("One interest of 1 is matched: no choice matches more")
        await self.page.locator("details").filter(has_text="first exchange").first.locator("summary").click()
        await self.sees(*reasons)
        await self.press("Propose the match")
        await self.told("One exchange is proposed to both sides.")

    async def finds_all_services_ready(self) -> None:
        """With scripts the four panels stand together; without them each is a link away."""
        await self.open("/operations")
        for service in ("requests", "matching", "events", "kpi"):
            if self.house.scripts:
                panel = self.page.locator(f"[data-service={service}]")
            else:
                await self.open("/operations")
                await self.follow(f"Open the panel of {SERVICE_NAMES[service]}")
                panel = self.page.locator("main")
            await expect(panel.get_by_text("Ready", exact=True)).to_be_visible()
            facts = panel.locator("dl.facts")
            await expect(facts).to_contain_text(re.compile(r"Messages behind\s*0"))
            await expect(facts).to_contain_text(re.compile(r"Dead letters\s*0, 0 parked"))


class Organiser(Person):
    """Sets dates, opens registration, records who came and says what was held."""

    name = "Tomasz Wierzbowy"

    async def schedules(
        self, found_as: str, title: str, day: date, place: str, mode: str, places: Sequence[int]
    ) -> None:
        """Set the date of what was planned: `found_as` is how the plan calls it, `title` how it is called from now."""
        await self.hears("/events/desk?todo=schedule", lambda page: row_of(page, found_as))
        await self.follow("Set the date", row_of(self.page, found_as))
        await self.fill(Title=title, First_day=day.isoformat(), Last_day=day.isoformat(), Place=place)
        await self.tick("Mode", mode)
        for label, number in zip(("Places on site", "Places online"), places, strict=False):
            await self.set(label, str(number))
        await self.press("Save")
        await self.told("Date and places are set.")

    async def opens_registration(self, title: str, *invited: str) -> None:
        await self._desk("hold", title)
        boxes = self.page.locator("input[name=invited]")
        for box in await boxes.all():
            await box.set_checked(await box.get_attribute("value") in invited)
        await self.press("Open registration")
        await self.told("Registration is open.")

    async def closes_registration(self, title: str) -> None:
        await self._desk("hold", title)
        await self.press("Close registration")
        await self.told("Registration is closed.")

    async def records(self, title: str, present: Sequence[str], changed: int) -> None:
        await self._desk("hold", title)
        await self.follow("Record attendance")
        for name in present:
            await self.page.locator("input[name=present]").and_(self.page.get_by_label(name)).check()
        await self.press("Record attendance of those shown")
        await self.told(f"Attendance is recorded, {changed} changed.")
        await self.reads(f"Who was at “{title}”? {len(present)} present so far")

    async def says_it_was_held(self, title: str) -> None:
        await self._desk("hold", title)
        await self.follow("Say it was held")
        await self.press("Yes, it was held")
        await self.told("It is held; those present can give feedback now.")
        await self.reads(re.compile(rf"^{re.escape(title)} was held on "))

    async def holds_the_exchange(self, members: str) -> None:
        """An agreed exchange comes with its week: nothing is to be set."""
        await self.hears("/events/desk?todo=hold", lambda page: row_of(page, "Staff exchange"))
        await self.follow(re.compile("Staff exchange"), row_of(self.page, "Staff exchange"))
        await self.sees(members)
        await self.follow("Say it was held")
        await self.press("Yes, it was held")
        await self.told("It is held")

    async def closes_the_survey(self, title: str) -> None:
        """What was answered counts from now on; what fewer than five wrote, nobody reads."""
        await self.open("/events/?state=held")
        await self.follow(title, exact=True)
        await self.follow("Organiser's desk", self.page.locator("main"))
        await self.follow("What participants wrote")
        await self.press("Close the survey")
        await self.sees("The survey is closed.", "There are too few answers yet to show what they say")

    async def _desk(self, todo: str, title: str) -> None:
        await self.open(f"/events/desk?todo={todo}")
        await self.follow(title, exact=True)


class Participant(Person):
    """Registers, and says afterwards what it was worth."""

    links: ClassVar[str] = "Give feedback"

    async def registers(self, title: str, told: str, mode: str = "") -> None:
        await self.open("/events/")
        await self.follow(title, exact=True)
        if mode:
            await self.tick("How will you attend?", mode)
        await self.press("Join the waitlist" if "in line" in told else "Register")
        await self.told(told)

    async def finds_a_place(self, title: str) -> None:
        await self.open("/events/?whose=mine")
        await self.follow(title, exact=True)
        await self.sees("A place is yours", within="#mine")

    async def rates(self, title: str, relevance: int, added_value: int, words: str) -> str:
        """By the link on the activity's page; its address is the answer."""
        await self.open("/events/?state=held&whose=mine")
        await self.follow(title, exact=True)
        await self.follow(self.links)
        link = self.page.url
        await self.tick("How relevant was it to your work?", str(relevance))
        await self.tick("How much did it add to what you knew and could do?", str(added_value))
        await self.set("In your own words", words)
        await self.press("Send my answer")
        if min(relevance, added_value) <= 2:
            await self.sees(
                "What would have made it more relevant?" if relevance <= 2 else "What did you know already?"
            )
            await self.press("Send my answer")
        await self.reads("Thank you: your answer counts, and nobody can tell it is yours")
        return link

    async def has_no_link_any_more(self, title: str) -> None:
        await self.open("/events/?state=held&whose=mine")
        await self.follow(title, exact=True)
        await expect(self.page.get_by_role("link", name=self.links)).to_have_count(0)


class Stranger(Visitor):
    """Nobody signed in, with a link that was used."""

    async def is_refused(self, link: str, sentence: str) -> None:
        answer = await self.page.goto(link)
        assert answer is not None
        assert answer.status == 410
        await self.sees(sentence)
