"""What is worked out of a run: reasons and changes for whom they concern, runs that are stopped, killed, taken up."""

import multiprocessing

from services.matching import worker
from services.matching.handlers.workings import WORKINGS
from shared.people import Role
from tests.integration.test_matching_journey import (  # noqa: F401 - fixtures
    API,
    coordinator,
    house,
    interest,
    offer,
    open_call,
    portugal,
    proposed,
    spain,
)
from tests.support.tally import until

SLOW = "tests.support.slow_solver:"


async def reached(desk, run: str, *stages: str) -> dict:
    """What is worked out of the run, once it is there."""
    found = {}

    async def there() -> bool:
        found.update(await desk.get(f"/runs/{run}/working"))
        return found["stage"] in stages

    await until(there, 60, " or ".join(stages))
    return found


async def test_the_smallest_change_is_found_and_tells_nobody_of_others(house, coordinator, portugal, spain):  # noqa: F811
    france = await house.desk(Role.NLO, member="FR")
    call = await open_call(coordinator)
    await interest(portugal, call, weeks=["2024-W38"], wishes=["ES"])
    left = await interest(france, call, weeks=["2024-W38"])
    await offer(spain, call, places={"2024-W38": 2, "2024-W39": 2})
    run = await coordinator.post(f"/calls/{call}/runs", 201)
    assert run["matched"] == 1
    assert (await reached(coordinator, run["id"], "done"))["done"] == 2
    (one,) = (await coordinator.get(f"/runs/{run['id']}/reasons"))["changes"]
    assert one["change"] == {"kind": "week", "value": "2024-W39", "week": "2024-W39", "places": 0, "host": "ES"}
    assert one["said"] == "If it could also begin in Week 39, it would be matched: Spain, Week 39."
    whole = await coordinator.get(f"/runs/{run['id']}/reasons")
    assert [(host["host"], host["exchanges"]) for host in whole["hosts"]] in ([], [("ES", 1)])
    assert (whole["distance"]["wanted"], whole["distance"]["standing"]) == (40, 1)

    own = await france.get(f"/interests/{left['id']}/reasons")
    assert own["change"]["said"] == "If it could also begin in Week 39, it would be matched."
    assert "One host gave its places in these weeks to others." in own["why"]
    seen = [own, await france.get(f"/runs/{run['id']}/reasons"), await france.get(f"/runs/{run['id']}")]
    for name in ("Spain", "Portugal", "'ES'", "'PT'", "offer-"):
        assert name not in str(seen)
    page = await france.client.get(f"/matching/runs/{run['id']}", headers=france.headers)
    assert "Portugal" not in page.text
    assert "Spain" not in page.text
    assert (await portugal.get(f"/runs/{run['id']}/reasons"))["changes"] == []
    await portugal.get(f"/interests/{left['id']}/reasons", 404)

    (exchange,) = [one["exchange"] for one in (await coordinator.post(f"/runs/{run['id']}/propose"))["proposed"]]
    why = await portugal.get(f"/exchanges/{exchange}/reasons")
    assert why["adds"]["wishes"] == 5
    assert (await spain.get(f"/exchanges/{exchange}/reasons"))["adds"] == {}
    assert (await coordinator.get(f"/runs/{run['id']}/reasons"))["stale"] == []  # its own proposals change nothing

    changed = {"focus": "information", "languages": ["fr", "en"], "weeks": ["2024-W38"], "officials": 2}
    address, headers = f"{API}/interests/{left['id']}", {**france.headers, "If-Match": '"1"'}
    assert (await france.client.put(address, json=changed, headers=headers)).status_code == 200
    assert (await france.get(f"/interests/{left['id']}/reasons"))["stale"]
    assert "One interest was changed" in (await coordinator.get(f"/runs/{run['id']}/reasons"))["stale"][0]
    again = await coordinator.post(f"/calls/{call}/runs", 201)
    assert (again["standing"], again["kept"], again["changed"]) == (1, 0, 0)
    assert "A newer run" in (await coordinator.get(f"/runs/{run['id']}/reasons"))["stale"][0]


async def test_a_run_under_way_says_how_far_it_is_and_is_stopped(house, coordinator, monkeypatch):  # noqa: F811
    call = await open_call(coordinator)
    monkeypatch.setattr(worker, "SOLVER", f"{SLOW}solve")
    run = (await coordinator.post(f"/calls/{call}/runs/begin", 202))["run"]

    async def told() -> bool:
        return (await coordinator.get(f"/runs/{run}/working"))["found"] == 7

    await until(told, 60, "how far it is")
    page = await coordinator.client.get(f"/matching/runs/{run}", headers=coordinator.headers)
    assert "The best choice so far has 7 exchanges." in page.text
    await coordinator.get(f"/runs/{run}", 404)
    assert (await coordinator.post(f"/runs/{run}/stop"))["stage"] == "stopped"
    await coordinator.post(f"/runs/{run}/stop", 409)
    assert (await coordinator.get(f"/calls/{call}/runs")) == []
    monkeypatch.undo()
    later = (await coordinator.post(f"/calls/{call}/runs/begin", 202))["run"]
    await reached(coordinator, later, "done")
    assert (await coordinator.get(f"/runs/{later}"))["proven"]


async def test_what_was_begun_is_taken_up_where_it_was_left(house, coordinator, portugal, spain, monkeypatch):  # noqa: F811
    call = await open_call(coordinator)
    await interest(portugal, call, weeks=["2024-W38"], officials=3)
    await interest(portugal, call, weeks=["2024-W38"], officials=4)
    await offer(spain, call, places={"2024-W38": 2})
    monkeypatch.setattr(worker, "CHANGE", f"{SLOW}change")
    run = (await coordinator.post(f"/calls/{call}/runs", 201))["id"]

    async def working() -> bool:
        found = await house.service.db[WORKINGS].find_one({"_id": run})
        return "seen" in found

    await until(working, 60, "the worker's beginning")
    await coordinator.post(f"/runs/{run}/stop")
    monkeypatch.undo()
    assert (await coordinator.post(f"/runs/{run}/go-on"))["stage"] == "explaining"
    assert (await reached(coordinator, run, "done"))["done"] == 3
    said = [one["said"] for one in (await coordinator.get(f"/runs/{run}/reasons"))["changes"]]
    assert any("3 places more at Spain in every week of the stay" in one for one in said), said


async def test_a_solver_that_is_killed_inside_a_run_is_started_again(house, coordinator, monkeypatch):  # noqa: F811
    call = await open_call(coordinator)
    monkeypatch.setattr(worker, "SOLVER", f"{SLOW}solve")
    run = (await coordinator.post(f"/calls/{call}/runs/begin", 202))["run"]

    async def solving() -> bool:
        return (await coordinator.get(f"/runs/{run}/working"))["found"] == 7

    await until(solving, 60, "the solver's beginning")
    monkeypatch.undo()
    for process in multiprocessing.active_children():
        process.kill()  # the pool tries the same again
    await house.service.db[WORKINGS].update_one({"_id": run}, {"$set": {"found": 0}})
    await until(solving, 60, "the solver's second beginning")
    assert (await coordinator.post(f"/runs/{run}/stop"))["stage"] == "stopped"
