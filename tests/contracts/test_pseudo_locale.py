"""Every page in a language that nobody speaks: what is left in Latin letters was forgotten."""

import asyncio

import pytest

from shared.people import Role
from shared.profiles import NETWORKS, load
from shared.profiles.persons import local_persons
from tests.support import pseudo
from tests.support.four import four_services
from tests.support.rights import examples
from tests.support.rights.askers import client, persons
from tests.support.rights.planted import persons_of, plant
from tests.support.rights.walk import HOME, routes

pytestmark = pytest.mark.timeout(240)
READERS = (Role.COORDINATOR, Role.NLO, Role.ORGANISER, Role.OPERATOR, Role.PARTICIPANT)
DATA = frozenset({
    "Liaison", "ELA", "EURES", "ETF", "EARLALL", "CSV", "XLSX", "JSON", "API", "EUSurvey", "UTC", "PDF", "Kafka",
    "MongoDB", "IMI", "EESSI", "CET", "CEST", "EET", "EEST",
})  # fmt: skip
"""Names that are the same in every language."""


async def test_no_page_has_a_text_that_cannot_be_translated(brokers, tmp_path):
    settings = {"LIAISON_LOCALES": str(pseudo.write(tmp_path))}
    left: dict[str, set[str]] = {}
    async with four_services(brokers, tmp_path / "four", settings=settings) as four:
        planted = await plant(four, "ela")
        known = DATA | data_words(planted)
        turn = asyncio.Semaphore(8)
        async with client() as http:

            async def look(reader, route):
                headers = {**reader.headers, "cookie": reader.headers["cookie"] + f"; liaison_lang={pseudo.CODE}"}
                address = four.url(route.service, examples.address(route.path, route.service, planted))
                async with turn, http.stream("GET", address, headers=headers) as answer:
                    if not answer.headers.get("content-type", "").startswith("text/html"):
                        return
                    words = pseudo.left_in((await answer.aread()).decode()) - known
                if words:
                    left.setdefault(str(route), set()).update(words)

            readers = await persons(four, http, [persons_of("ela", role)[0].subject for role in READERS])
            pages = [one for one in routes() if one.safe and not one.api and (one.service == HOME or not one.shared)]
            await asyncio.gather(*(look(reader, route) for reader in readers for route in pages))
    assert not left, "\n".join(f"{route}: {' '.join(sorted(words))}" for route, words in sorted(left.items()))


def data_words(planted) -> set[str]:
    """What people typed or are called."""
    texts = [
        planted.word,
        "A request of",
        "Described",
        "For",
        "Another of",
        "No, because of",
        "Planned",
        "Form",
        "Hall",
    ]
    texts += ["An activity of", "About", "Ada", "Maker", "What thought", "tester", "Spare", "Words of", "anything"]
    texts += ["Program", "Hall", "Asked about", "Draft of", "Analysis of", "Told", "Project", "txt", "left out"]
    texts += ["Theme", "Practice", "Alert", "Channel"]
    texts += ["Workshop of", "Idea of", "Expert", "Knows"]
    texts += [one.name for one in local_persons()]
    texts += [f"{one.code} {one.name}" for network in NETWORKS for one in load(network).members]
    texts += [one.title for network in NETWORKS for one in load(network).partners]
    return {word for text in texts for word in pseudo.words_of(text)}
