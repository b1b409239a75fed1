"""The matching engine: a real call proven, large markets bounded, reasons read, changes verified, and a peer beside it.

`--only real,large,...` runs some parts. Each part runs in a process of its own, within a bounded time.
"""

import argparse
import importlib
import json
import random
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

from benchmarks.markets import large, real
from benchmarks.stage import percentile, say
from services.matching.domain.candidates import candidates_of
from services.matching.domain.explain import explain_one
from services.matching.domain.market import Market, Terms
from services.matching.domain.solution import Solution
from services.matching.domain.solver import solve
from services.matching.domain.verify import change_for

VERIFY_WITHIN = 120.0
"""Seconds after which verifying gives up: twice the bar."""
BARS: dict[str, dict[str, tuple[str, Any]]] = {
    "real": {"proven": ("is", True), "deterministic": ("is", True), "seconds": ("at most", 3)},
    "large": {"gap": ("at most", 0.002), "seconds": ("at most", 10), "peak_mib": ("at most", 2048)},
    "explain_ms": {"": ("at most", 100)},
    "verify_all_s": {"": ("at most", 60)},
}


def measure_real() -> dict[str, Any]:
    market = real()
    solve(real(seekers=5, hosts=5))  # the library is loaded
    began = time.perf_counter()
    solution = solve(market)
    seconds = time.perf_counter() - began
    return {
        "interests": len(market.seekers),
        "offers": len(market.hosts),
        "candidates": solution.candidates,
        "matched": len(solution.matches),
        "proven": all(one.proven for one in solution.levels),
        "levels": {one.level.value: one.value for one in solution.levels},
        "seconds": round(seconds, 2),
        "deterministic": solve(_shuffled(market)) == solution,
    }


def _shuffled(market: Market) -> Market:
    chance = random.Random(1)
    seekers = chance.sample(market.seekers, len(market.seekers))
    hosts = chance.sample(market.hosts, len(market.hosts))
    mixed = [replace(one, weeks=tuple(chance.sample(one.weeks, len(one.weeks)))) for one in seekers]
    return replace(market, seekers=tuple(mixed), hosts=tuple(hosts))


def measure_large(*, full: bool = False) -> dict[str, Any]:
    market = large(full=full)
    before = _peak()
    began = time.perf_counter()
    solution = solve(market)
    seconds = time.perf_counter() - began
    return {
        "interests": len(market.seekers),
        "offers": len(market.hosts),
        "candidates": solution.candidates,
        "matched": len(solution.matches),
        "gap": round(solution.gap, 5),
        "gaps": {one.level.value: round(one.gap, 5) for one in solution.levels},
        "seconds": round(seconds, 2),
        "peak_mib": round(_peak()),
        "peak_before_mib": round(before),
    }


def measure_large_full() -> dict[str, Any]:
    return measure_large(full=True)


def measure_explain_ms() -> float:
    """The slowest of a hundredth of the interests' explanations of a large market, and of all of a real one."""
    slowest = []
    for market, step in ((real().sorted(), 1), (large().sorted(), 200)):
        solution = solve(market)
        taken = []
        for one in market.seekers[::step]:
            began = time.perf_counter()
            explain_one(market, solution.matches, one.id)
            taken.append(time.perf_counter() - began)
        slowest.append(percentile(taken, 0.99))
        say(f"explanations of {len(market.seekers)} interests: p99 {slowest[-1] * 1000:.1f} ms")
    return round(slowest[0] * 1000, 1)


def measure_verify_all_s() -> dict[str, Any]:
    market = real()
    solution = solve(market)
    began, found = time.perf_counter(), 0
    for number, one in enumerate(solution.unmatched):
        found += change_for((market, solution, one.interest)) is not None
        if time.perf_counter() - began > VERIFY_WITHIN:
            say(f"given up after {number + 1} of {len(solution.unmatched)}")
            break
    seconds = round(time.perf_counter() - began, 1)
    return {"seconds": seconds, "unmatched": len(solution.unmatched), "with_change": found}


def measure_peer() -> dict[str, Any]:
    """`matching` on the same pairs: residents to hospitals, stable; ours without side constraints beside it."""
    try:
        games = importlib.import_module("matching.games")
    except ImportError:
        return {"name": "matching", "missing": "not installed: it asks for other versions than the lock has"}
    market = _without_sides(real().sorted())
    began = time.perf_counter()
    solution: Solution = solve(market)
    ours = time.perf_counter() - began
    residents, hospitals, capacities = _preferences(market)
    sys.setrecursionlimit(1_000_000)  # it copies its players, who know each other, one inside the other
    began = time.perf_counter()
    game = games.HospitalResident.create_from_dictionaries(residents, hospitals, capacities)
    matched = sum(len(one) for one in game.solve().values())
    seconds = time.perf_counter() - began
    return {
        "name": "matching 1.4.3",
        "matched": matched,
        "seconds": round(seconds, 2),
        "ours": {"matched": len(solution.matches), "seconds": round(ours, 2)},
    }


def _without_sides(market: Market) -> Market:
    """One official each, for one week; a host's visits are its only limit."""
    seekers = tuple(replace(one, officials=1, duration=1, inspection=None) for one in market.seekers)
    many = len(seekers)
    hosts = tuple(
        replace(
            one,
            offered=dict.fromkeys(one.offered, many),
            free=dict.fromkeys(one.free, many),
            only_if_sends=False,
            inspection=None,
        )
        for one in market.hosts
    )
    return Market(seekers, hosts, terms=Terms())


def _preferences(market: Market) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, int]]:
    """Interests rank hosts by their wishes, hosts rank interests by when they were filed."""
    residents: dict[str, list[tuple[int, str]]] = {}
    hospitals: dict[str, list[str]] = {}
    for pair in candidates_of(market).pairs:
        seeker, host = market.seekers[pair.seeker], market.hosts[pair.host]
        residents.setdefault(seeker.id, []).append((-pair.wish, host.id))
        hospitals.setdefault(host.id, []).append(seeker.id)
    capacities = {one.id: one.most or 1 for one in market.hosts if one.id in hospitals}
    return {one: [host for _, host in sorted(wished)] for one, wished in residents.items()}, hospitals, capacities


PARTS: dict[str, Callable[[], Any]] = {
    "real": measure_real,
    "large": measure_large,
    "large_full": measure_large_full,
    "explain_ms": measure_explain_ms,
    "verify_all_s": measure_verify_all_s,
    "peer": measure_peer,
}


def missed(figures: dict[str, Any]) -> list[str]:
    """The bars that were missed, in words."""
    found = []
    for part, bars in BARS.items():
        for name, (how, bar) in bars.items():
            if part not in figures:
                continue
            value = figures[part][name] if name else figures[part]
            if (value != bar) if how == "is" else (value > bar):
                found.append(f"{part} {name}: {value}, must be {how} {bar}".replace(" :", ":"))
    return found


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(parts: list[str]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for part in parts:
        say(part)
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            figures[part] = pool.submit(PARTS[part]).result()
        say(json.dumps(figures[part]))
    if "verify_all_s" in figures:
        figures["verified"] = figures["verify_all_s"]
        figures["verify_all_s"] = figures["verified"]["seconds"]
    return figures


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", default=",".join(PARTS))
    measured = measure(asked.parse_args().only.split(","))
    print(json.dumps(measured), flush=True)
    if failures := missed(measured):
        say("\n".join(failures))
        sys.exit(1)
