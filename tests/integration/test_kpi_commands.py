"""`liaison kpi rebuild|verify|explain` beside a running service, as an operator runs them in another terminal."""

import asyncio
import sys
from random import Random

import pytest

from services.kpi import checking
from tests.integration.test_kpi_flow import agree, figures, publish, running
from tests.support.kpi_year import Year
from tests.support.tally import settings_for, until

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
async def settings(brokers, namespace):
    return settings_for(brokers.mongo_url, brokers.kafka, namespace)


async def liaison(settings, *words: str) -> tuple[int, str]:
    given = {
        "LIAISON_MONGO_URL": settings.mongo_url, "LIAISON_KAFKA": settings.kafka, "LIAISON_PROFILE": "local",
        "LIAISON_NAMESPACE": settings.namespace, "LIAISON_SECRET": settings.secret.get_secret_value(),
        "COLUMNS": "200", "PATH": "",
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", "kpi", *words, "--data", "/nonexistent"),
        env=given,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 90)
    return process.returncode, said.decode()


async def test_every_cell_is_compared_counted_anew_and_explained(settings):
    logs = Year(Random(21)).tell(60)
    await publish(settings, *logs)
    async with running(settings) as (runtime, client):
        await agree(client, *logs)
        assert not (await checking.verify(runtime.service)).differences
        block = await runtime.service.db.blocks.find_one({"kind": "cells", "measure": "registrations.1"})
        wrong = block["cells"].replace("[[", "[[7", 1)
        await runtime.service.db.blocks.update_one({"_id": block["_id"]}, {"$set": {"cells": wrong}})
        code, said = await liaison(settings, "verify")
        assert code == 1, said
        assert "registrations ela" in said or "registrations eures" in said
        code, said = await liaison(settings, "rebuild")
        assert (code, "Counted anew" in said) == (0, True), said
        await agree(client, *logs)

        async def whole() -> bool:
            return not (await checking.verify(runtime.service)).differences

        await until(whole, 30, "every cell as the log says")
        shown = (await figures(client, 2024))["activities-held"]
        code, said = await liaison(settings, "explain", "activities-held", "--year", "2024")
        assert code == 0, said
        assert f"{shown} events behind it" in said
    async with running(settings) as (again, client):
        await agree(client, *logs)
        assert again.service.consumer.worked == 0, "what was counted anew is kept"


async def test_other_measures_than_those_a_partition_was_counted_with_count_it_anew(settings):
    logs = Year(Random(22)).tell(40)
    await publish(settings, *logs)
    async with running(settings) as (runtime, client):
        await agree(client, *logs)
        before = await checking.counted(runtime.service)
        await runtime.service.db.blocks.update_many({"kind": "measures"}, {"$set": {"measures": ["registrations.0"]}})
        await runtime.service.db.blocks.delete_many({"measure": "registrations.1"})
    async with running(settings) as (runtime, client):
        await agree(client, *logs)

        async def caught_up() -> bool:
            return await checking.counted(runtime.service) == before

        await until(caught_up, 30, "the log's end")
        assert not (await checking.verify(runtime.service)).differences
