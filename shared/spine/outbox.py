"""The outbox: letters written with their events, sent by one worker under a lease, at least once.

A letter may be sent twice where the process dies between the mail server's answer and the note of it; its Message-ID is
the same both times. What is never said is that it was sent when it was not.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from shared.messages.compose import Composer
from shared.messages.correspondence import Correspondence, Telling
from shared.messages.kinds import NEWS
from shared.messages.letter import EACH, OUTBOX, UNDELIVERED, Letter, State, document, letter_id
from shared.messages.transport import Away, Bounced, NotDelivered, Transport
from shared.mongo import Database
from shared.people import Role
from shared.people.mailing import Addressee, Mailing
from shared.settings import Settings

from .lease import LIFE_S, Lease

log = logging.getLogger(__name__)
LOOK_EVERY_S, AT_ONCE = 0.5, 100
FIRST_WAIT_S, LONGEST_WAIT_S = 20.0, 4 * 3600.0
LONGEST_AWAY_S = 60.0
MAY_COME_BACK, FACTS_LIFE = timedelta(days=7), timedelta(days=180)
DIGESTS = "digests"


async def prepare_outbox(db: Database) -> None:
    await db[OUTBOX].create_index([("state", 1), ("due", 1)])
    await db[OUTBOX].create_index([("network", 1), ("state", 1), ("made", -1)])
    await db[OUTBOX].create_index("to")
    await db[OUTBOX].create_index("message", sparse=True)
    await db[OUTBOX].create_index("expires", expireAfterSeconds=0)
    await db[OUTBOX].create_index("sent", partialFilterExpression={"data": {"$exists": True}})


class Outbox:
    """Sends what is due, the longest due first. `transport` is None where no mail server is known: letters wait."""

    def __init__(
        self,
        db: Database,
        *,
        people_db: Database,
        mailing: Mailing,
        composer: Composer,
        transport: Transport | None,
        correspondence: Correspondence,
        settings: Settings,
        owner: str,
    ) -> None:
        self.db, self.people_db, self.mailing, self.composer = db, people_db, mailing, composer
        self.transport, self.correspondence, self.settings = transport, correspondence, settings
        self.before: list[Callable[[], Awaitable[object]]] = [Seldom(self.forget_old, 3600)]
        """Done by who holds the lease, before each look."""
        self.lease = Lease(db, "outbox", owner)
        self.sent = 0
        self.away = ""
        """Why no letter goes out at present."""
        self._away_since = 0

    async def run(self) -> None:
        try:
            while True:
                async with self.lease.holding() as lost:
                    while not lost.is_set():
                        await _wait(lost, await self._round(lost))
                await asyncio.sleep(LIFE_S / 4)
        finally:
            if self.transport:
                await self.transport.close()

    async def forget_old(self) -> None:
        """Of letters that have arrived only the facts stay: when, to whom by id, of which kind."""
        query = {"sent": {"$lt": datetime.now(UTC) - MAY_COME_BACK}, "data": {"$exists": True}}
        await self.db[OUTBOX].update_many(query, {"$unset": {"data": ""}})

    async def _round(self, lost: asyncio.Event) -> float:
        """Send what is due; returns the seconds to wait before the next look."""
        try:
            for also in self.before:
                await also()
            done = await self.send_due(lost)
        except PyMongoError as error:
            log.warning("letters wait: %s", type(error).__name__)
            return LOOK_EVERY_S
        if self.away:
            self._away_since += 1
            return min(LOOK_EVERY_S * 2.0 ** min(self._away_since, 10), LONGEST_AWAY_S)
        self._away_since = 0
        return 0 if done else LOOK_EVERY_S

    async def send_due(self, lost: asyncio.Event | None = None) -> int:
        """Work what is due now, at most a hundred letters; returns how many it came through with."""
        if self.transport is None:
            self.away = "no mail server is set"
            return 0
        due = {"state": State.WAITING.value, "due": {"$lte": datetime.now(UTC)}}
        done = 0
        for found in await self.db[OUTBOX].find(due).sort("due", 1).to_list(AT_ONCE):
            if lost is not None and lost.is_set():
                break
            try:
                await self._work(Letter.of(found))
            except Away as error:
                await self._is_away(Letter.of(found), error)
                break
            self.away = ""
            done += 1
            # Mail servers refuse bursts, and who works on a page goes before who reads a letter.
            await asyncio.sleep(1 / self.settings.mail_per_s)
        return done

    async def _work(self, letter: Letter) -> None:
        group, at, member = letter.to.partition("@")
        if at:
            await self._spread(letter, group, member)
            return
        person = await self.mailing.addressee(letter.network, letter.to)
        if person is None:
            await self._end(letter, State.NOBODY, reason="no-address")
            return
        try:
            await self._write(letter, person)
        except Bounced as error:
            await self._end(letter, State.BOUNCED, reason=error.status)
            if error.address_is_wrong:
                await self.mailing.bounced(person.id, person.address, error.status)
        except Away:
            raise
        except NotDelivered as error:
            await self._later(letter, error.status)
        except PyMongoError:
            raise
        except Exception as error:  # what it says, or to whom, is at fault: this letter's own trouble
            log.exception("letter %s of kind %s cannot be written", letter.id, letter.kind)
            await self._later(letter, type(error).__name__)

    async def _write(self, letter: Letter, person: Addressee) -> None:
        tell = self.correspondence.tellers.get(letter.kind)
        told = dict(letter.data)
        if tell is not None:
            found = await tell(Telling(self.db, self.settings, letter, person))
            if found is None:
                await self._end(letter, State.DROPPED)
                return
            told = {**told, **found}
        topic = NEWS.get(letter.kind)
        wants = person.wants.get(topic, "at-once") if topic else "at-once"
        if wants == "never" or (topic and person.bouncing):
            await self._end(letter, State.DROPPED)
            return
        if wants == "daily":
            await self._keep_for_digest(letter, person, told)
            return
        about = {"about": told.get("about") or told.get("link") or ""}
        message = self.composer.message(letter, person, told)
        await self.db[OUTBOX].update_one({"_id": letter.id}, {"$set": {**about, "message": str(message["Message-ID"])}})
        assert self.transport is not None
        await self.transport.deliver(message, letter, person)
        await self._end(letter, State.SENT, keeps=tell is not None)
        if person.bouncing:
            await self.mailing.works(person.id)
        self.sent += 1

    async def _keep_for_digest(self, letter: Letter, person: Addressee, told: Mapping[str, Any]) -> None:
        said = self.composer.say(letter, person, told)
        entry = {
            "person": person.id, "network": letter.network, "at": datetime.now(UTC), "kind": letter.kind,
            "subject": said.subject, "text": list(said.paragraphs), "link": said.link,
        }  # fmt: skip
        await self.people_db[DIGESTS].update_one({"_id": letter.id}, {"$set": entry}, upsert=True)
        await self._end(letter, State.DIGEST)

    async def _spread(self, letter: Letter, group: str, member: str) -> None:
        """A letter of its own for each of the group; said twice it makes no second one."""
        found: Iterable[tuple[str, Mapping[str, Any]]]
        if letter.to == EACH:
            found = [(to, data) for to, data in letter.data["each"]]
        elif group in set(Role):
            found = [(one, {}) for one in await self.mailing.holders(letter.network, group, member or None)]
        elif group in self.correspondence.groups:
            found = list((await self.correspondence.groups[group](self.db, letter)).items())
        else:
            found = []
        if not found:
            nobody = group in set(Role)  # a group of an activity may well be empty
            await self._end(letter, State.NOBODY if nobody else State.DROPPED, reason="no-holder" if nobody else "")
            return
        writes = []
        shared = {name: value for name, value in letter.data.items() if name not in ("each", "only")}
        for person, more in found:
            data = {**shared, **more}
            own = letter_id(letter.kind, person, str(data.pop("once", f"{letter.id}/{letter.again}")))
            facts = document(letter.kind, person, letter.network, data)
            writes.append(UpdateOne({"_id": own}, {"$setOnInsert": facts}, upsert=True))
        for start in range(0, len(writes), 500):
            await self.db[OUTBOX].bulk_write(writes[start : start + 500], ordered=False)
        await self._end(letter, State.SPREAD)

    async def _end(self, letter: Letter, state: State, *, reason: str = "", keeps: bool = False) -> None:
        """Its fate. What a letter was about goes once it arrived; where its kind looks up ids (`keeps`), some days
        later, for it may come back yet and be sent again."""
        now = datetime.now(UTC)
        change: dict[str, Any] = {"$set": {"state": state.value, "reason": reason, "ended": now}}
        if state is State.SENT:
            change["$set"]["sent"] = now
        if state not in UNDELIVERED:
            change["$set"]["expires"] = now + FACTS_LIFE
        if state in (State.SENT, State.DIGEST, State.DROPPED, State.SPREAD) and not keeps:
            change["$unset"] = {"data": ""}
        await self.db[OUTBOX].update_one({"_id": letter.id, "state": State.WAITING.value}, change)

    async def _later(self, letter: Letter, reason: str) -> None:
        """Try again, ever more seldom; after some days somebody has to see that it does not arrive."""
        if self._too_old(letter):
            await self._end(letter, State.FAILED, reason=reason)
            return
        wait = min(FIRST_WAIT_S * 2**letter.attempts, LONGEST_WAIT_S) * random.uniform(0.8, 1.2)
        due = datetime.now(UTC) + timedelta(seconds=wait)
        change = {"due": due, "attempts": letter.attempts + 1, "reason": reason}
        await self.db[OUTBOX].update_one({"_id": letter.id, "state": State.WAITING.value}, {"$set": change})

    def _too_old(self, letter: Letter) -> bool:
        return datetime.now(UTC) - letter.made > timedelta(days=self.settings.mail_patience_days)

    async def _is_away(self, letter: Letter, error: Away) -> None:
        """No letter is at fault: they stay due; only those older than the patience are given up."""
        self.away = error.status
        log.warning("the mail server is away: %s", error.status)
        if self._too_old(letter):
            await self._end(letter, State.FAILED, reason=error.status)


class Seldom:
    """Calls at most once in so many seconds."""

    def __init__(self, call: Callable[[], Awaitable[object]], seconds: float) -> None:
        self._call, self._seconds, self._next = call, seconds, 0.0

    async def __call__(self) -> None:
        if time.monotonic() >= self._next:
            await self._call()
            self._next = time.monotonic() + self._seconds


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
