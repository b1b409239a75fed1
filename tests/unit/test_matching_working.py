"""What is kept of a run and worked out after it: what stayed, what came since, and what is said of it to whom."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from pymongo.errors import AutoReconnect

from services.matching.domain.changes import Change, Closing, Kind, Unlocked
from services.matching.domain.market import Held, Host, Level, Market, Seeker, Terms
from services.matching.domain.reasons import NextBest, Taken
from services.matching.domain.solution import Reached
from services.matching.domain.solver import Progress, solve
from services.matching.domain.standing import Limit
from services.matching.domain.working import Kept, Since, Stage, Working, kept_of, prints_of, since, working_of
from services.matching.handlers.workings import beside_run, market_from
from services.matching.queries.market import _aims
from services.matching.web.change_words import distance, kept_words, since_words, smallest
from services.matching.web.levels import level_words
from services.matching.web.places_words import next_best, where_taken
from services.matching.worker import Worker
from shared.profiles import load

ELA = load("ela")
WEEKS = {"2024-W10": 1, "2024-W11": 1}


def seeker(name: str, member: str = "PT", **more: object) -> Seeker:
    facts = {"focus": "information", "languages": ("en",), "weeks": ("2024-W10",)}
    return Seeker(f"interest-{name}", member, **{**facts, **more})  # type: ignore[arg-type]


def host(name: str = "es", member: str = "ES", **more: object) -> Host:
    return Host(f"offer-{name}", member, ("information",), ("en",), dict(WEEKS), dict(WEEKS), **more)  # type: ignore[arg-type]


MARKET = Market((seeker("a"), seeker("b", "FR")), (host(),), terms=Terms(wanted=5), held=(Held("DE", "DE", "x"),))


def test_the_market_of_a_run_comes_back_as_it_was_solved():
    solution = solve(MARKET)
    stored = {one.collection: one.document for one in beside_run("run-1", "call-1", "ela", MARKET, solution)}
    assert market_from(dict(stored["markets"])) == MARKET.sorted()
    assert stored["workings"]["stage"] == "explaining"


def test_a_run_that_matches_everybody_leaves_nothing_to_be_worked_out():
    market = replace(MARKET, seekers=MARKET.seekers[:1])
    working = working_of(market, solve(market))
    assert working.stage is Stage.DONE
    assert working.closing == Closing(5, 2, ())


def test_only_what_a_side_says_makes_its_print():
    before = prints_of(MARKET)
    held = replace(
        MARKET, hosts=(host(most=None),), seekers=(seeker("a", before=("offer-es", "2024-W10")), seeker("b", "FR"))
    )
    assert not since(before, held, set())
    changed = replace(MARKET, seekers=(seeker("a", officials=2), seeker("c")), hosts=(host(), host("it", "IT")))
    assert since(before, changed, set()) == Since(("interest-a", "interest-b"), offers=0, filed=1, made=1)
    assert since(before, changed, {"interest-b"}).interests == ("interest-a",)


def test_a_run_beside_the_one_before_is_counted():
    given = Market(
        (seeker("a", before=("offer-es", "2024-W10")), seeker("b", "FR", before=("offer-x", "2024-W10"))), (host(),)
    )
    kept = kept_of(given, solve(given))
    assert (kept.kept, kept.changed) == (1, 1)
    said = kept_words(Kept(standing=2, kept=1, changed=3))
    assert said == [
        "2 exchanges that were proposed or agreed stay as they are.",
        "One match of the run before is kept, 3 changed.",
    ]


@pytest.mark.parametrize("levels", [({"exchanges": 1}, {"cost": 1}), ({"exchanges": 2, "wishes": 1}, {"cost": 1})])
def test_what_was_found_before_is_kept_also_where_nobody_asks_for_it(levels):
    assert [one.level for one in _aims(levels)][1] is Level.KEPT
    assert [one.level for one in _aims(({"kept": 1}, {"exchanges": 1}))] == [Level.KEPT, Level.EXCHANGES]


def test_how_far_a_solve_is_comes_level_by_level():
    heard: list[Progress] = []
    solution = solve(MARKET, told=heard.append)
    assert [one.step for one in heard] == sorted(one.step for one in heard)
    assert heard[-1] == Progress(len(solution.levels), len(solution.levels), 1)


CHANGES = [
    (Change(Kind.WEEK, "2024-W12", "offer-es", "ES", "2024-W12"), "begin in Week 12"),
    (Change(Kind.LANGUAGE, "es", "offer-es", "ES", "2024-W12"), "worked in Spanish"),
    (Change(Kind.FOCUS, "undeclared-work", "offer-es", "ES", "2024-W12"), "“Undeclared work” would do"),
    (Change(Kind.PLACE, "offer-es", "offer-es", "ES", "2024-W12", 2), "2 places more at"),
    (Change(Kind.CAP, "PT", "offer-es", "ES", "2024-W12"), "Portugal could send one exchange more"),
    (Change(Kind.BUDGET, "800", "offer-es", "ES", "2024-W12"), "800 EUR more for the call would be enough"),
    (Change(Kind.INTERPRETATION, "", "offer-es", "ES", "2024-W12"), "paid an interpreter"),
]


@pytest.mark.parametrize(("change", "words"), CHANGES)
def test_every_change_has_its_sentence_and_names_a_host_to_nobody_else(change, words):
    working = Working(Stage.DONE, interests=("interest-a",), changes={"interest-a": change})
    whole, own = (smallest(working, "interest-a", ELA, reader) for reader in (None, "PT"))
    assert words in whole
    assert words in own
    assert "Spain" in whole
    assert "Spain" not in own


class Workings:
    """The one collection that the worker reads here."""

    def __init__(self, job: dict) -> None:
        self.job, self.noted = job, []

    def __getitem__(self, _name: str) -> "Workings":
        return self

    async def find_one(self, *_query, **_sort):
        return self.job

    async def update_many(self, *_change) -> None:
        pass

    async def update_one(self, _query, change) -> None:
        self.noted.append(change["$set"])


async def test_reasons_that_cannot_be_worked_out_are_given_up_and_a_store_that_is_away_is_waited_for(monkeypatch):
    service = SimpleNamespace(db=Workings({"_id": "run-1", "stage": "explaining", "call": "call-1", "asked_at": 1}))
    fault: Exception = ValueError("what is kept cannot be read")

    async def unreadable(*_asked):
        raise fault

    monkeypatch.setattr(Worker, "_known", unreadable)
    assert await Worker().explain_next(service)
    assert [one["stage"] for one in service.db.noted] == ["failed"]
    fault = AutoReconnect("away")
    with pytest.raises(AutoReconnect):
        await Worker().explain_next(service)
    assert len(service.db.noted) == 1


def test_what_is_not_worked_out_says_so():
    going = Working(Stage.EXPLAINING, interests=("a", "b"), offers=("o",), changes={"b": None})
    assert smallest(going, "a", ELA, None) == "What would match it is being worked out: 1 of 3."
    assert "No single change was found that matches it" in smallest(going, "b", ELA, "PT")
    assert smallest(replace(going, stage=Stage.STOPPED), "a", ELA, None) == "What would match it was not worked out."
    assert "market of this size" in smallest(Working(Stage.DONE, large=True), "a", ELA, None)


@pytest.mark.parametrize("limit", list(Limit))
def test_where_the_places_went_is_told_in_full_to_the_coordinator_alone(limit):
    taken = [Taken("offer-es", "ES", 2, ("interest-b",), limit, Level.MEMBERS), Taken("offer-it", "IT", 1, (), limit)]
    names = {"PT": "Portugal", "ES": "Spain", "IT": "Italy"}.__getitem__
    own = " ".join(where_taken(taken, "PT", names, "PT"))
    assert "Spain" not in own
    assert "Italy" not in own
    assert "Members newly served" in own
    whole = " ".join(where_taken(taken, "PT", names, None))
    assert limit is Limit.CAP or "Spain" in whole


def test_the_next_best_host_has_a_name_for_the_coordinator_alone(monkeypatch):
    why = solve(replace(MARKET, hosts=(host(), host("it", "IT")))).matches[0].why
    other = replace(why, next=NextBest("offer-it", "IT", "2024-W11", Level.WISHES, 2))
    assert next_best(other, lambda code: code, None) == (
        "The next best host would be IT, Week 11: “Points for wishes (5 for a first wish)” would have 2 less."
    )
    assert "IT" not in next_best(other, lambda code: code, "PT")
    assert next_best(replace(why, next=None), lambda code: code, None) == ""


def test_the_distance_to_the_minimum_and_what_closes_it():
    by = (Unlocked("offer-es", "ES", 2), Unlocked("offer-it", "IT", 1))
    assert distance(Closing(40, 36, by), ELA) == [
        "4 exchanges are missing to the minimum of 40.",
        "One place more at each of 2 hosts brings it to 39: Spain, Italy.",
    ]
    assert distance(Closing(40, 41, ()), ELA) == ["With this run the call has 41 exchanges; at least 40 are wanted."]
    assert distance(Closing(0, 3, ()), ELA) == []


def test_a_level_says_whether_it_is_proven_and_how_far_it_may_be():
    assert level_words(Reached(Level.EXCHANGES, 1200, 1206, False))[1] == (
        "1,200; no more than 1,206 is possible (gap 0.5\u202f%)"
    )
    weighed = Reached(Level.WEIGHED, 27, 27, True, {Level.MEMBERS: 4, Level.WISHES: 19})
    assert "27 (Members newly served 4, Points for wishes (5 for a first wish) 19), proven" in level_words(weighed)[1]


def test_what_came_since_is_told():
    assert since_words(Since(("interest-a",), 2, 1, 0), newer=True) == [
        "A newer run of this call was made since.",
        "One interest was changed or withdrawn since.",
        "One interest was filed since.",
        "2 offers were changed or withdrawn since.",
    ]
