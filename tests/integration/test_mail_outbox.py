"""Letters against a real mail server: they arrive, or somebody sees that they did not."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.messages import letter, members
from shared.messages.bounces import take_report
from shared.messages.compose import Composer
from shared.messages.correspondence import Correspondence
from shared.messages.letter import OUTBOX, document
from shared.messages.transport import transport_for
from shared.mongo import connect
from shared.people import People, Person, Role
from shared.people.accounts import Facts, Giver
from shared.people.mailing import Mailing
from shared.settings import Settings
from shared.spine.outbox import Outbox, prepare_outbox
from tests.support.mail import certificate, mail_server

SECRET = "a secret for tests that is long enough"
NLO = Person("ela-nlo-bg", "Anna Petrova", "anna@example.eu", (Role.NLO,), "BG", "ela", "fr")
TOLD = {"title": "Induction", "sent": "2026-01-05", "quarter": "2026-Q2", "reason": "No room", "link": "/requests/r-1"}


@dataclass
class Post:
    """One service's outbox, and the people it writes to."""

    db: object
    people_db: object
    person: str
    mongo_url: str

    def outbox(self, **settings) -> Outbox:
        groups = Correspondence()
        groups.group("registered", self._registered)
        where = Settings(profile="local", secret=SECRET, **({"smtp_security": "none"} | settings))
        return Outbox(
            self.db,
            people_db=self.people_db,
            mailing=Mailing(self.people_db),
            composer=Composer(where, "requests"),
            transport=transport_for(where, self.people_db),
            correspondence=groups,
            settings=where,
            owner=uuid4().hex,
        )

    async def _registered(self, _db, _letter):
        return {self.person: {"quarter": "2027-Q1"}}

    async def put(self, kind="request-declined", to=None, key="k", **data) -> str:
        put = letter(kind, to or self.person, "ela", {**TOLD, **data}, key)
        await self.db[OUTBOX].insert_one({"_id": put.id, **put.document})
        return put.id

    async def kept(self, id):
        return await self.db[OUTBOX].find_one({"_id": id})


@pytest.fixture
async def post(brokers):
    name = f"mail{uuid4().hex[:10]}"
    client = connect(brokers.mongo_url)
    db, people_db = client[f"{name}_requests"], client[f"{name}_people"]
    people = People(people_db)
    await people.prepare()
    await prepare_outbox(db)
    person = await people.know(NLO)
    yield Post(db, people_db, person, brokers.mongo_url)
    for one in (db, people_db):
        await client.drop_database(one)
    client.close()


def server_of(server) -> dict:
    return {"smtp_host": "127.0.0.1", "smtp_port": server.port}


async def test_a_letter_arrives_in_the_persons_language_and_only_the_facts_stay(post):
    own = await post.put()
    with mail_server() as server:
        outbox = post.outbox(**server_of(server), mail_from="ELA <ela@example.eu>", mail_bounces="bounces@example.eu")
        assert await outbox.send_due() == 1
        await outbox.transport.close()
    sent = server.letters.taken[0]
    assert sent["To"] == "Anna Petrova <anna@example.eu>"
    assert sent["Content-Language"] == "fr"
    assert server.letters.senders == ["bounces@example.eu"]
    assert "Induction" in sent["Subject"]
    for kind in ("plain", "html"):
        assert "http://127.0.0.1:8080/requests/r-1" in sent.get_body((kind,)).get_content()
    kept = await post.kept(own)
    assert kept["state"] == "sent"
    assert kept["to"] == post.person
    assert "data" not in kept
    assert "anna" not in str(kept).lower()
    assert "Induction" not in str(kept)


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "tls"])
async def test_letters_go_over_tls_to_a_server_that_is_known(post, tmp_path, implicit):
    cert = certificate(tmp_path)
    await post.put()
    with mail_server(tls=cert, implicit=implicit, password="sesame") as server:
        secure = {"smtp_security": "tls" if implicit else "starttls", "smtp_user": "liaison"}
        common = server_of(server) | secure
        stranger = post.outbox(**(common | {"smtp_password": "sesame"}))
        assert await stranger.send_due() == 0
        assert stranger.away == "SSLCertVerificationError"
        wrong = post.outbox(**(common | {"smtp_password": "wrong", "smtp_ca": cert[0]}))
        assert await wrong.send_due() == 0
        assert wrong.away.startswith("535")
        right = post.outbox(**(common | {"smtp_password": "sesame", "smtp_ca": cert[0]}))
        assert await right.send_due() == 1
        await right.transport.close()
        assert server.letters.secure == [True]


async def test_a_server_without_starttls_gets_nothing(post):
    await post.put()
    with mail_server() as server:
        outbox = post.outbox(**(server_of(server) | {"smtp_security": "starttls"}))
        assert await outbox.send_due() == 0
        assert outbox.away == "no STARTTLS"
    assert not server.letters.taken


async def test_an_address_that_does_not_exist_bounces_at_once_and_gets_no_more_news(post):
    own = await post.put()
    with mail_server() as server:
        server.letters.recipients["anna@example.eu"] = "550 5.1.1 <anna@example.eu> is unknown here"
        outbox = post.outbox(**server_of(server))
        await outbox.send_due()
        kept = await post.kept(own)
        assert (kept["state"], kept["reason"]) == ("bounced", "550 5.1.1")
        assert kept["data"], "it can be sent again"
        person = await outbox.mailing.addressee("ela", post.person)
        assert person.bouncing == "550 5.1.1"
        news, service = await post.put("request-planned", key="news"), await post.put(key="must")
        server.letters.recipients.clear()
        await outbox.send_due()
        assert (await post.kept(news))["state"] == "dropped"
        assert (await post.kept(service))["state"] == "sent"
        await outbox.transport.close()


async def test_a_letter_that_is_not_wanted_bounces_and_the_address_stays_good(post):
    own = await post.put()
    with mail_server() as server:
        server.letters.data.append("554 5.7.1 looks like spam")
        outbox = post.outbox(**server_of(server))
        await outbox.send_due()
        await outbox.transport.close()
        assert (await post.kept(own))["reason"] == "554 5.7.1"
        assert not (await outbox.mailing.addressee("ela", post.person)).bouncing


async def test_what_is_refused_for_now_is_tried_later_and_given_up_in_the_end(post):
    own = await post.put()
    other = await post.put(key="behind it")
    with mail_server() as server:
        server.letters.data += ["451 4.3.0 come back"]
        outbox = post.outbox(**server_of(server))
        await outbox.send_due()
        kept = await post.kept(own)
        assert (kept["state"], kept["attempts"]) == ("waiting", 1)
        assert kept["due"] > datetime.now(UTC)
        assert (await post.kept(other))["state"] == "sent", "the others are not held up"
        await post.db[OUTBOX].update_one(
            {"_id": own}, {"$set": {"due": datetime.now(UTC), "made": datetime.now(UTC) - timedelta(days=4)}}
        )
        server.letters.data += ["451 4.3.0 come back"]
        await outbox.send_due()
        await outbox.transport.close()
    assert (await post.kept(own))["state"] == "failed"


async def test_a_server_that_was_away_gets_every_letter_in_the_order_they_were_due(post):
    with mail_server() as server:
        outbox = post.outbox(**server_of(server))
        await post.put(key="1", title="First")
        assert await outbox.send_due() == 1
        server.stop()
        for number in ("2", "3"):
            await post.put(key=number, title=f"Letter {number}")
        assert await outbox.send_due() == 0
        assert outbox.away
        assert await post.db[OUTBOX].count_documents({"state": "waiting", "attempts": 0}) == 2
        server.start()
        assert await outbox.send_due() == 2
        assert not outbox.away
        await outbox.transport.close()
    assert [one.rpartition(": ")[2] for one in server.letters.subjects] == ["First", "Letter 2", "Letter 3"]


async def test_killed_between_sending_and_noting_it_the_letter_comes_twice_with_one_message_id(post):
    own = await post.put()
    with mail_server() as server:
        program = [sys.executable, "-c", WORKER, post.db.name, post.people_db.name, str(server.port)]
        environment = os.environ | {"LIAISON_MONGO_URL": post.mongo_url, "LIAISON_SECRET": SECRET}
        worker = await asyncio.create_subprocess_exec(*program, env=environment | {"LIAISON_PROFILE": "local"})
        server.letters.on_data = lambda: os.kill(worker.pid, signal.SIGKILL)
        assert await asyncio.wait_for(worker.wait(), 60) == -signal.SIGKILL
        server.letters.on_data = None
        assert (await post.kept(own))["state"] == "waiting"
        again = await asyncio.create_subprocess_exec(*program, env=environment | {"LIAISON_PROFILE": "local"})
        assert await asyncio.wait_for(again.wait(), 60) == 0
    assert (await post.kept(own))["state"] == "sent"
    first, second = server.letters.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_body(("plain",)).get_content() == second.get_body(("plain",)).get_content()


WORKER = """
import asyncio, sys
from shared.messages.compose import Composer
from shared.messages.correspondence import Correspondence
from shared.messages.transport import Smtp
from shared.mongo import connect
from shared.people.accounts import Facts, Giver
from shared.people.mailing import Mailing
from shared.settings import Settings
from shared.spine.outbox import Outbox

async def main(db, people, port):
    its = Settings(smtp_host="127.0.0.1", smtp_port=int(port), smtp_security="none")
    client = connect(its.mongo_url)
    outbox = Outbox(client[db], people_db=client[people], mailing=Mailing(client[people]),
                    composer=Composer(its, "requests"), transport=Smtp(its), correspondence=Correspondence(),
                    settings=its, owner="w")
    assert await outbox.send_due() == 1

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_group_gets_a_letter_each_and_an_empty_office_is_seen(post):
    office = await post.put(to=members("nlo", "BG"))
    nobody = await post.put(to=members("nlo", "PT"))
    group = await post.put("request-planned", to="registered@activity-1")
    with mail_server() as server:
        outbox = post.outbox(**server_of(server))
        while await outbox.send_due():
            pass
        await outbox.transport.close()
    assert len(server.letters.taken) == 2
    assert any("Q1 2027" in one for one in server.letters.subjects)
    assert [(await post.kept(one))["state"] for one in (office, nobody, group)] == ["spread", "nobody", "spread"]


async def test_who_is_given_an_account_is_told_and_who_deputises_hears_for_the_officer(post):
    people = People(post.people_db)
    coordinator = Giver("ela-coordinator", frozenset({Role.COORDINATOR}), "ela")
    deputy = Facts("Boris Ivanov", "boris@example.eu", "en", "BG", (Role.PARTICIPANT,))
    person = await people.directory.add(coordinator, deputy)
    outbox = post.outbox()
    outbox.db = post.people_db
    assert await outbox.send_due() == 1
    invited = await post.people_db.mailbox.find_one({"person": person})
    assert invited["subject"] == "You can sign in to Liaison"
    days = {"of": post.person, "member": "BG", "from": "2020-01-01", "until": "2099-01-01"}
    await post.people_db.persons.update_one({"_id": person}, {"$set": {"deputy": days}})
    assert await outbox.mailing.holders("ela", "nlo", "BG") == [post.person, person]


async def test_who_wants_news_daily_gets_one_letter_with_all_of_them(post):
    from shared.messages import digest

    outbox = post.outbox()
    await outbox.mailing.choose(post.person, {"requests": "daily"})
    for number in ("1", "2"):
        await post.put("request-planned", key=number, title=f"Request {number}")
    assert await outbox.send_due() == 2
    assert not await post.people_db.mailbox.count_documents({})
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert await digest.write_due(post.people_db, tomorrow) == 1
    assert await digest.write_due(post.people_db, tomorrow) == 0
    daily = post.outbox()
    daily.db, daily.correspondence = post.people_db, digest.PEOPLE_LETTERS
    assert await daily.send_due() == 1
    await digest.forget_sent(post.people_db)
    assert not await post.people_db.digests.count_documents({})
    shown = (await post.people_db.mailbox.find_one())["raw"].decode()
    assert "Request 1" in shown
    assert "Request 2" in shown


async def test_without_a_mail_server_letters_wait_in_production(post):
    own = await post.put()
    outbox = post.outbox()
    outbox.transport = transport_for(Settings(profile="production", secret=SECRET), post.people_db)
    assert await outbox.send_due() == 0
    assert outbox.away == "no mail server is set"
    assert (await post.kept(own))["state"] == "waiting"


async def test_a_template_that_fails_holds_nobody_up(post):
    broken = await post.put("no-such-kind", key="broken")
    fine = await post.put(key="fine")
    outbox = post.outbox()
    await outbox.send_due()
    assert (await post.kept(broken))["reason"] == "TemplateNotFound"
    assert (await post.kept(broken))["state"] == "waiting"
    assert (await post.kept(fine))["state"] == "sent"


def test_a_documents_fields_name_nobody():
    assert set(document("k", "p", "ela", {})) == {
        "kind",
        "to",
        "network",
        "data",
        "state",
        "attempts",
        "again",
        "made",
        "due",
    }


async def test_a_report_marks_the_letter_that_came_back_and_a_made_up_one_does_not(post):
    own = await post.put()
    outbox = post.outbox()
    await outbox.send_due()
    kept = await post.kept(own)
    settings = Settings(profile="local", secret=SECRET, namespace=post.db.name.removesuffix("_requests"))

    async def taken(message: str, recipient: str = "anna@example.eu") -> str:
        return await take_report(report(message, recipient), post.db.client, settings)

    assert await taken(f"<requests.{'0' * 40}@x>") == "not-ours"
    assert await taken(kept["message"], "other@example.eu") == "not-ours"
    assert (await post.kept(own))["state"] == "sent"
    assert await taken(kept["message"]) == "bounced"
    assert await taken(kept["message"]) == "known"
    assert (await post.kept(own))["reason"] == "5.1.1"
    assert (await outbox.mailing.addressee("ela", post.person)).bouncing == "5.1.1"


def report(message: str, recipient: str) -> bytes:
    return f"""Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.eu

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

Message-ID: {message}

--b--
""".encode()
