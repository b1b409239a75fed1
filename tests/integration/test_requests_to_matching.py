"""An exchange requested while no call was open becomes an interest of the call that it is accepted for."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

from httpx import ASGITransport, AsyncClient

from services.matching import app as matching
from services.matching.accepted import interest_of
from services.requests import app as requests
from shared.people import Role
from tests.support.tally import settings_for, until

YEAR = datetime.now(UTC).year + 1


async def test_a_requested_exchange_joins_the_call_and_leaves_it_again(brokers, module_namespace):
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
        }.items():
            _id, key = await people.keys.create(name, [role], member, "ela")
            client = AsyncClient(transport=ASGITransport(apps[service]), base_url="http://test")
            client.headers["Authorization"] = f"Bearer {key}"
            at[name] = await stack.enter_async_context(client)
        body = {"kind": "staff-exchange", "title": "See inspections", "focus_area": "undeclared-work", "language": "bg"}
        body |= {"officials": 2, "host_member": "ES", "quarter_wished": f"{YEAR}-Q2"}
        asked = (await at["nlo"].post("/requests/api/v1/requests", json=body)).json()["id"]
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
        assert (await at["nlo"].post(f"{path}/withdraw", json={})).status_code == 200

        async def withdrawn() -> bool:
            return await streams.find_one({"_id": name, "state.status": "withdrawn"}) is not None

        await until(withdrawn, 60, "the interest's withdrawal")
