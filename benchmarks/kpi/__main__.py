"""A million events of the demonstration's mix into all indicators, beside the bare log and beside others.

`python -m benchmarks.kpi [--events 1000000]`; exit code 1 where a bar is missed. `per_s_at` counts topics of one, two
and four times as many; `restart_s` is the start with all the cells of the first, `restart_cells` their number.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.kpi.counting import Counted, count, read_raw, running
from benchmarks.kpi.mix import Message, Upto, copies, demonstrated, fill
from benchmarks.kpi.peers import fill_flat, measured
from benchmarks.kpi.watching import dashboards_cpu, fresh, live_load, overview_p99_ms
from benchmarks.stage import free_port, run, say, settings_of, stage
from deploy.demo.keys import COORDINATOR, keys_for
from deploy.local.stack import SERVICES, Stack
from deploy.local.topics import ensure_topics
from shared.mongo import connect
from shared.settings import Settings

LEAST_SHARE, LEAST_QUIX, MOST_MIB, MOST_RESTART_S, MOST_P99_MS, MOST_CORES, FLAT = 0.5, 3.0, 500, 3.0, 50, 1.0, 0.9
YEAR = 2024


class Place:
    """One namespace of the brokers with so many events on its log."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.environment = {**stack.environment, "LIAISON_NAMESPACE": name}
        self.settings: Settings = settings_of(stack).model_copy(update={"namespace": name})
        self.folder = Path(stack.layout.data) / name

    async def filled(self, year: Sequence[Message], number: int) -> Upto:
        say(f"putting {number:,} events on the log")
        await ensure_topics(self.settings.kafka, self.settings.namespace)
        return await fill(self.settings, year, number)

    async def counted(self, upto: Upto) -> Counted:
        say("counting them")
        async with running(self.settings, self.environment, self.folder) as kpi:
            return await count(kpi, upto)


async def cells_of(settings: Settings) -> int:
    client = connect(settings.mongo_url)
    blocks = await client[settings.database("kpi")].blocks.find({"kind": "cells"}, {"cells": 1}).to_list(None)
    client.close()
    return sum(one["cells"].count("],[") + 1 for one in blocks)


async def watched(place: Place, year: Sequence[Message], number: int) -> dict[str, Any]:
    """The start with all cells, then the pages beside a live load."""
    async with keys_for(place.settings) as keys, running(place.settings, place.environment, place.folder) as kpi:
        restart_s = await kpi.restarted()
        async with live_load(place.settings, fresh(year, number)):
            say("opening the overview")
            p99_ms = await overview_p99_ms(kpi, keys[COORDINATOR], YEAR)
            say("opening dashboards")
            cores, told = await dashboards_cpu(kpi, keys[COORDINATOR], YEAR)
    return {
        "restart_s": round(restart_s, 2),
        "restart_cells": await cells_of(place.settings),
        "overview_p99_ms": p99_ms,
        "dashboards_500_cpu": cores,
        "dashboards_least_told": told,
    }


async def measure(number: int) -> dict[str, Any]:
    say("loading the demonstration programme: three minutes")
    async with stage(services=SERVICES, port=free_port()) as stack:
        year = await demonstrated(stack, stack.layout.data)
    say(f"{len(year):,} events")
    async with stage() as stack:
        first = Place(stack, "first")
        upto = await first.filled(year, number)
        raw_per_s = await read_raw(first.settings, upto)
        counted = await first.counted(upto)
        say("Quix Streams")
        quix = await measured("quix", "quix_job.py", stack.kafka, first.settings.topic("events"), number)
        say("Pathway")
        flat = await fill_flat(first.settings, copies(year, number))
        pathway = await measured("pathway", "pathway_job.py", stack.kafka, flat, number)
        beside = await watched(first, year, number)
        per_s_at = {"1": counted.per_s}
        for times in (2, 4):
            place = Place(stack, f"times-{times}")
            per_s_at[str(times)] = (await place.counted(await place.filled(year, number * times))).per_s
    return {
        "events": number,
        "events_per_s": round(counted.per_s),
        "raw_per_s": round(raw_per_s),
        "share_of_raw": round(counted.per_s / raw_per_s, 3),
        "quix_per_s": round(quix),
        "ratio_vs_quix": round(counted.per_s / quix, 2),
        "pathway_per_s": round(pathway),
        "ratio_vs_pathway": round(counted.per_s / pathway, 2),
        "peak_rss_mib": counted.peak_rss_mib,
        **beside,
        "per_s_at": {f"{number * int(times) / 1e6:g}M": round(rate) for times, rate in per_s_at.items()},
    }


def missed(figures: dict[str, Any]) -> list[str]:
    rates = list(figures["per_s_at"].values())
    bars = {
        "share_of_raw": figures["share_of_raw"] >= LEAST_SHARE,
        "ratio_vs_quix": figures["ratio_vs_quix"] >= LEAST_QUIX,
        "ratio_vs_pathway": figures["ratio_vs_pathway"] > 1,
        "peak_rss_mib": figures["peak_rss_mib"] <= MOST_MIB,
        "restart_s": figures["restart_s"] <= MOST_RESTART_S,
        "overview_p99_ms": figures["overview_p99_ms"] <= MOST_P99_MS,
        "dashboards_500_cpu": figures["dashboards_500_cpu"] <= MOST_CORES,
        "dashboards_least_told": figures["dashboards_least_told"] > 0,
        "per_s_at": rates[-1] >= FLAT * rates[0],
    }
    return [name for name, reached in bars.items() if not reached]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    given = parser.parse_args()
    began = time.monotonic()
    failed = missed(run(measure(given.events)))
    say(f"{time.monotonic() - began:.0f} s" + (f"; missed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
