"""An exchange requested while no call was open becomes an interest of the call that it is accepted for."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer
from httpx import ASGITransport, AsyncClient

from services.matching import app as matching
from services.matching.accepted import interest_of
from services.requests import app as requests
from shared.contracts.base import Event
from shared.contracts.events import ActivityHeld
from shared.ids import new_id
from shared.people import Role
from shared.settings import Settings
from tests.support.tally import settings_for, until

YEAR = datetime.now(UTC).year + 1


async def test_a_requested_exchange_joins_the_call_and_shares_its_fate(brokers, module_namespace):
    settings = settings_for(brokers.mongo_url, brokers.kafka, module_namespace)
    async with AsyncExitStack() as stack:
        apps = {name: module.build(settings) for name, module in (("requests", requests), ("matching", matching))}
        for app in apps.values():
            await stack.enter_async_context(app.router.lifespan_context(app))

            async def prepared(app: Any = app) -> bool:
                return bool(app.state.service.prepared)

            await until(prepared, 30, "the store's preparation")
        people, at = apps["requests"].state.people, {}
        for name, (service, role, member) in {
            "nlo": ("requests", Role.NLO, "BG"),
            "coordinator": ("requests", Role.COORDINATOR, None),
            "calls": ("matching", Role.COORDINATOR, None),
            "sender": ("matching", Role.NLO, "BG"),
            "host": ("matching", Role.NLO, "ES"),
        }.items():
            _id, key = await people.keys.create(name, [role], member, "ela")
            client = AsyncClient(transport=ASGITransport(apps[service]), base_url="http://test")
            client.headers["Authorization"] = f"Bearer {key}"
            at[name] = await stack.enter_async_context(client)
        body = {"kind": "staff-exchange", "title": "See inspections", "focus_area": "undeclared-work", "language": "bg"}
        body |= {"officials": 2, "host_member": "ES", "quarter_wished": f"{YEAR}-Q2"}
        asked, other = [(await at["nlo"].post("/requests/api/v1/requests", json=body)).json()["id"] for _ in range(2)]
        opened = {"year": YEAR, "focus_areas": ["undeclared-work"], "minimum": 1}
        call = (await at["calls"].post("/matching/api/v1/calls", json=opened)).json()["id"]
        path = f"/requests/api/v1/requests/{asked}"

        async def accepted() -> bool:
            return (await at["coordinator"].post(f"{path}/accept", json={"call": call})).status_code == 200

        await until(accepted, 60, "the call's opening to be heard of")
        streams, name = apps["matching"].state.service.db.streams, interest_of(asked)

        async def filed() -> bool:
            return await streams.find_one({"_id": name, "state.status": "filed"}) is not None

        await until(filed, 60, "the interest")
        interest = (await streams.find_one({"_id": name}))["state"]
        assert (interest["call"], interest["member"], interest["officials"]) == (call, "BG", 2)
        assert interest["weeks"][0].startswith(f"{YEAR}-W1")

        async def fate(of: str, **expected: Any) -> None:
            async def told() -> bool:
                shown = (await at["nlo"].get(f"/requests/api/v1/requests/{of}")).json()
                return {name: shown[name] for name in expected} == expected

            await until(told, 60, f"the request to be {expected}")

        offered = {"call": call, "member": "ES", "focus_areas": ["undeclared-work"], "languages": ["bg", "es"]}
        places = dict.fromkeys(interest["weeks"], 2)
        assert (await at["host"].post("/matching/api/v1/offers", json=offered | {"places": places})).status_code == 201
        exchange = await agreed(at, call)
        await fate(asked, fate="accepted", status="planned", exchange=exchange, host="ES")
        called_off = await at["calls"].post(f"/matching/api/v1/exchanges/{exchange}/cancel", json={"reason": "Storm."})
        assert called_off.status_code == 200, called_off.text
        await fate(asked, status="submitted", cause="exchange-cancelled", exchange=None)
        assert (await streams.find_one({"_id": name}))["state"]["status"] == "withdrawn"
        assert await accepted()
        await until(filed, 60, "the interest to be filed anew")
        exchange = await agreed(at, call)
        await fate(asked, status="planned", exchange=exchange)
        activity = new_id("activity")
        held = ActivityHeld(kind="staff-exchange", held_on=datetime.now(UTC).date(), exchange=exchange)
        await say(settings, held, activity)
        await fate(asked, status="fulfilled", exchange=exchange, activity=activity)
        page = (await at["nlo"].get(f"/requests/{asked}")).text
        assert f"/matching/exchanges/{exchange}" in page
        assert f"/events/{activity}" in page
        assert f"/requests/{asked}" in (await at["sender"].get(f"/matching/exchanges/{exchange}")).text
        assert f"/requests/{asked}" not in (await at["host"].get(f"/matching/exchanges/{exchange}")).text

        path, name = f"/requests/api/v1/requests/{other}", interest_of(other)
        assert await accepted()
        await until(filed, 60, "the second interest")
        assert (await at["nlo"].post(f"{path}/withdraw", json={})).status_code == 200

        async def withdrawn() -> bool:
            return await streams.find_one({"_id": name, "state.status": "withdrawn"}) is not None

        await until(withdrawn, 60, "the interest's withdrawal")


async def agreed(at: dict[str, AsyncClient], call: str) -> str:
    """The exchange that the match finds, with both sides' yes."""
    api = "/matching/api/v1"
    run = (await at["calls"].post(f"{api}/calls/{call}/runs", json={}, timeout=60)).json()["id"]
    answer = (await at["calls"].post(f"{api}/runs/{run}/propose", json={}, timeout=60)).json()
    exchange = str(answer["proposed"][0]["exchange"])
    for side in ("sender", "host"):
        assert (await at[side].post(f"{api}/exchanges/{exchange}/accept", json={})).status_code == 200
    return exchange


async def say(settings: Settings, event: Event, stream: str) -> None:
    """As `events` would say it on its topic."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    names = {
        "ce_specversion": "1.0", "ce_id": f"{stream}@1", "ce_source": "/events", "ce_type": event.type,
        "ce_subject": stream, "ce_time": now, "ce_recordedtime": now, "ce_network": "ela", "ce_actor": "organiser",
    }  # fmt: skip
    headers = [("content-type", b"application/json"), *((one, text.encode()) for one, text in names.items())]
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
        value = orjson.dumps(event.model_dump(mode="json"))
        await producer.send_and_wait(settings.topic("events"), value, stream.encode(), headers=headers)
