"""Plays the programme's stories through the public interfaces, each step on behalf of whoever would do it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from shared.contracts.vocabulary import in_protocol_order

from .door import Answer, Door
from .keys import COORDINATOR, ORGANISER, nlo
from .names import Crowd
from .story import Step, Story

REQUESTS, EVENTS, MATCHING = "/requests/api/v1", "/events/api/v1", "/matching/api/v1"
HEARD_WITHIN_S, ASK_EVERY_S = 60.0, 0.05
Known = dict[str, Any]
"""What a story has learned: the ids it was given. Plain JSON, so that an interrupted load goes on."""


class NotHeard(Exception):
    """A service did not hear in time what another has published."""


class Player:
    """One network's player. `known` has a dictionary for each story; `refused` collects what was not accepted."""

    def __init__(
        self, door: Door, crowd: Crowd, known: dict[str, Known], stepped: Callable[[], None] = lambda: None
    ) -> None:
        self.door, self.crowd, self.known, self.stepped = door, crowd, known, stepped
        self.refused: list[str] = []
        self._plays: dict[str, Callable[[Play], Awaitable[None]]] = {
            "submit": submit, "plan": plan, "plan own": plan_own, "defer": decide, "decline": decide,
            "withdraw": withdraw, "adopt": adopt, "set up": set_up, "schedule": schedule, "open": organise,
            "close": organise, "hold": organise, "cancel activity": cancel_activity, "register": register,
            "give back": give_back, "attend": attend, "rate": rate, "open call": open_call, "offer": offer,
            "interest": interest, "run": run, "propose": propose, "answer": answer, "hold exchanges": hold_exchanges,
            "know": know,
        }  # fmt: skip

    async def play(self, story: Story, steps: Mapping[int, Step]) -> None:
        """These steps of the story, by their place in it, one after the other."""
        for number, step in steps.items():
            await self._plays[step.do](Play(self, story.name, number, step))
            self.stepped()


class Play:
    """One step being played: what it knows, and how it asks."""

    def __init__(self, player: Player, story: str, number: int, step: Step) -> None:
        self.player, self.story, self.step, self.facts = player, story, step, step.facts
        self.known = player.known.setdefault(story, {})
        self._id = f"demo-{story}-{number}"

    @property
    def activity(self) -> str:
        return f"{EVENTS}/activities/{self.known['activity']}"

    async def command(
        self, who: str, path: str, body: Mapping[str, Any] | None = None, part: str = "", later_minutes: int = 0
    ) -> Answer:
        """Send it as something that happened at the step's moment, or some minutes later."""
        moment = self.step.at + timedelta(minutes=later_minutes)
        content = {**(body or {}), "happened_at": moment.isoformat()}
        told = await self.player.door.command(who, path, content, f"{self._id}{part}")
        if not told.done:
            self.player.refused.append(f"{self.story}, {self.step.do} on {self.step.at:%d.%m.%Y}: {told.code}")
        return told

    async def heard(self) -> None:
        """Wait until `events` knows the activity."""
        if self.known.get("heard"):
            return
        end = time.monotonic() + HEARD_WITHIN_S
        while await self.player.door.glance(ORGANISER, self.activity) is None:
            if time.monotonic() > end:
                raise NotHeard(f"`events` has not heard of {self.known['activity']} ({self.story}).")
            await asyncio.sleep(ASK_EVERY_S)
        self.known["heard"] = True


# Requests and the plan


async def submit(play: Play) -> None:
    body = {name: value for name, value in play.facts.items() if name != "member"}
    play.known["member"] = play.facts["member"]
    told = await play.command(nlo(play.facts["member"]), f"{REQUESTS}/requests", body)
    if told.done:
        play.known["request"] = told.body["id"]


async def plan(play: Play) -> None:
    told = await play.command(COORDINATOR, f"{REQUESTS}/requests/{play.known['request']}/plan", play.facts)
    if told.done:
        play.known["activity"] = told.body["activity"]


async def plan_own(play: Play) -> None:
    body = {name: value for name, value in play.facts.items() if name != "year"}
    told = await play.command(COORDINATOR, f"{REQUESTS}/plan/{play.facts.get('year', 2024)}/activities", body)
    if told.done:
        play.known["activity"] = told.body["activity"]


async def decide(play: Play) -> None:
    await play.command(COORDINATOR, f"{REQUESTS}/requests/{play.known['request']}/{play.step.do}", play.facts)


async def withdraw(play: Play) -> None:
    path = f"{REQUESTS}/requests/{play.known['request']}/withdraw"
    await play.command(nlo(play.known["member"]), path, play.facts)


async def adopt(play: Play) -> None:
    path = f"{REQUESTS}/plan/{play.facts['year']}/adopt"
    told = await play.player.door.command(COORDINATOR, path, None, f"demo-adopt-{play.facts['year']}")
    if not told.done:
        play.player.refused.append(f"adoption: {told.code}")


async def know(play: Play) -> None:
    """An analysis of needs, a project or a figure from outside."""
    body = {name: value for name, value in play.facts.items() if name != "path"}
    await play.command(COORDINATOR, f"{REQUESTS}/{play.facts['path']}", body)


# Activities


async def set_up(play: Play) -> None:
    told = await play.command(ORGANISER, f"{EVENTS}/activities", play.facts)
    if told.done:
        play.known["activity"] = told.body["id"]


async def schedule(play: Play) -> None:
    await play.heard()
    await play.command(ORGANISER, f"{play.activity}/schedule", play.facts)


async def organise(play: Play) -> None:
    await play.heard()
    await play.command(ORGANISER, f"{play.activity}/{play.step.do}", play.facts)


async def cancel_activity(play: Play) -> None:
    await play.command(ORGANISER, f"{play.activity}/cancel", play.facts)


async def register(play: Play) -> None:
    await _register(
        play, play.known, play.activity, play.facts["member"], **{name: play.facts[name] for name in ("people", "mode")}
    )


async def _register(
    play: Play, known: Known, activity: str, member: str, *, people: list[list[Any]], mode: str, part: str = ""
) -> None:
    persons = [play.player.crowd.person(*one) | {"mode": mode} for one in people]
    told = await play.command(nlo(member), f"{activity}/registrations", {"persons": persons}, part)
    if told.done:
        seats = known.setdefault("seats", {})
        for one, place in zip(people, told.body["registrations"], strict=True):
            seats[_seat(one)] = place["registration"]
            if place["status"] == "confirmed":
                known.setdefault("confirmed", []).append(place["registration"])


async def give_back(play: Play) -> None:
    seat = play.known.get("seats", {}).get(_seat(play.facts["who"]))
    if seat is None:
        return
    path = f"{play.activity}/registrations/{seat}/cancel"
    told = await play.command(nlo(play.facts["who"][0]), path)
    if told.done:
        left = [one for one in play.known.get("confirmed", []) if one != seat]
        # An answer that is told again, after an interruption, must not seat anybody twice.
        won = [one["registration"] for one in told.body["confirmed"] if one["registration"] not in left]
        play.known["confirmed"] = left + won


async def attend(play: Play) -> None:
    absent = {play.known["seats"].get(_seat(one)) for one in play.facts["absent"]}
    present = {seat: seat not in absent for seat in dict.fromkeys(play.known.get("confirmed", []))}
    if present:
        await play.command(ORGANISER, f"{play.activity}/attendance", {"present": present})
    play.known["present"] = sum(present.values())


def _seat(one: list[Any]) -> str:
    return f"{one[0]}/{one[1]}"


async def rate(play: Play) -> None:
    """Some of those who were there answer; a token knows nobody, so it does not matter which."""
    links = (await play.player.door.read(ORGANISER, f"{play.activity}/feedback-links"))["links"]
    left = play.known.get("present", 0) - play.known.get("rated", 0)
    marks = play.facts["marks"][: max(left, 0)]
    already = left - len(links)  # sent before an interruption
    await asyncio.gather(*(_rate(play, link, mark) for link, mark in zip(links, marks[already:], strict=False)))
    play.known["rated"] = play.known.get("rated", 0) + len(marks)
    if play.facts["last"]:  # answers are released in groups, and what is left over at the end
        await play.command(ORGANISER, f"{play.activity}/survey/close", {})


async def _rate(play: Play, link: str, mark: list[Any]) -> None:
    *_, survey, token = link.split("/")
    body = {"relevance": mark[0], "added_value": mark[1], "words": mark[2]}
    # With a key only so that the day may lie back; no answer keeps whose it was.
    told = await play.player.door.command(
        ORGANISER, f"{EVENTS}/feedback/{survey}/{token}", body | {"happened_at": play.step.at.isoformat()}, ""
    )
    if not told.done and told.sent == 1:
        play.player.refused.append(f"{play.story}, feedback: {told.code}")


# Exchanges


async def open_call(play: Play) -> None:
    told = await play.command(COORDINATOR, f"{MATCHING}/calls", play.facts)
    if told.done:
        play.known["call"] = told.body["id"]


async def offer(play: Play) -> None:
    await play.command(nlo(play.facts["member"]), f"{MATCHING}/offers", {**play.facts, "call": play.known["call"]})


async def interest(play: Play) -> None:
    await play.command(nlo(play.facts["member"]), f"{MATCHING}/interests", {**play.facts, "call": play.known["call"]})


async def run(play: Play) -> None:
    told = await play.command(COORDINATOR, f"{MATCHING}/calls/{play.known['call']}/runs")
    if told.done:
        play.known["run"] = told.body["id"]
        play.known["matches"] = {one["interest"]: one for one in told.body["matches"]}


async def propose(play: Play) -> None:
    told = await play.command(COORDINATOR, f"{MATCHING}/runs/{play.known['run']}/propose")
    if told.done:
        matches = play.known["matches"]
        play.known["proposed"] = {one["exchange"]: matches[one["interest"]] for one in told.body["proposed"]}


async def answer(play: Play) -> None:
    """Both sides accept; now and then a host declines, and its visitor takes part in the next run."""
    await asyncio.gather(*(_answer(play, n, *one) for n, one in enumerate(play.known["proposed"].items(), 1)))


async def _answer(play: Play, number: int, exchange: str, match: Mapping[str, Any]) -> None:
    path = f"{MATCHING}/exchanges/{exchange}"
    if number % 12 == 7:
        reason = {"reason": "Our unit moves house in that week."}
        await play.command(nlo(match["host"]), f"{path}/decline", reason, part=f"-{exchange}")
        return
    for later, side in enumerate((match["sender"], match["host"])):
        told = await play.command(nlo(side), f"{path}/accept", part=f"-{exchange}-{side}", later_minutes=later * 9)
        if told.done and told.body["status"] == "agreed":
            play.known.setdefault("agreed", {})[exchange] = {
                name: match[name] for name in ("sender", "host", "week", "duration", "officials")
            }


async def hold_exchanges(play: Play) -> None:
    """What ends this week: its visitors are registered, were there, and it is held."""
    year, week, _ = play.step.at.isocalendar()
    due = {id: one for id, one in play.known.get("agreed", {}).items() if one["week"] == f"{year}-W{week:02}"}
    if due:
        activities = await _activities_of(play, set(due))
        await asyncio.gather(*(_hold(play, activities[id], id, one) for id, one in due.items()))


async def _activities_of(play: Play, exchanges: set[str]) -> dict[str, str]:
    """The activity of each exchange, once `events` has heard of them all."""
    end = time.monotonic() + HEARD_WITHIN_S
    asked = {"kind": "staff-exchange", "state": "scheduled", "per_page": 200}
    for state in (asked, asked | {"state": "all"}):  # after an interruption, some may be on their way
        while time.monotonic() < end:
            told = await play.player.door.glance(ORGANISER, f"{EVENTS}/activities", **state)
            found = {row["exchange"]: row["id"] for row in told["items"] if row["exchange"]} if told else {}
            if exchanges <= found.keys():
                return found
            if state is asked and time.monotonic() > end - HEARD_WITHIN_S / 2:
                break
            await asyncio.sleep(ASK_EVERY_S)
    raise NotHeard(f"`events` has not heard of {len(exchanges)} exchanges.")


async def _hold(play: Play, id: str, exchange: str, one: Mapping[str, Any]) -> None:
    activity, known = f"{EVENTS}/activities/{id}", dict[str, Any]()
    sender, part = one["sender"], f"-{exchange}"
    await play.command(ORGANISER, f"{activity}/open", {"invited": in_protocol_order([sender])}, f"{part}-open")
    first = sum(map(ord, exchange)) % 40
    people = [[sender, first + number] for number in range(one["officials"])]
    await _register(play, known, activity, sender, people=people, mode="on-site", part=f"{part}-register")
    await play.command(ORGANISER, f"{activity}/close", {}, f"{part}-close", 1)
    present = dict.fromkeys(known.get("confirmed", []), True)
    await play.command(ORGANISER, f"{activity}/attendance", {"present": present}, f"{part}-attend", 2)
    await play.command(ORGANISER, f"{activity}/hold", {}, f"{part}-hold", 3)
