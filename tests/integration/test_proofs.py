"""The proofs' own code with fewer rounds: the same assertions as `make chaos`, without its bar on time."""

import pytest

from benchmarks import chaos

pytestmark = [pytest.mark.faults, pytest.mark.timeout(420)]


async def test_every_process_killed_once_under_load_and_nothing_is_lost_or_doubled(monkeypatch):
    for name in ("LIAISON_MONGO_URL", "LIAISON_KAFKA", "LIAISON_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)
    figures = await chaos.measure(rate=40, seconds=68, each=1, seed=11)
    assert figures["kills_by_target"] == dict.fromkeys(sorted(chaos.TARGETS), 1)
    assert figures["accepted"] > 1_000
    assert (figures["lost"], figures["duplicated"], figures["failed"]) == (0, 0, 0)
    assert figures["indicators_equal"]
