"""`make prove-rights`: brokers and services of its own, the walk, and its figures as one line of JSON."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.support.four import four_services
from tests.support.stack import Brokers, brokers_for_this_run

from .planted import plant
from .walk import Outcome, Walk


def figures(outcome: Outcome) -> dict[str, Any]:
    return {
        "routes": outcome.routes,
        "roles": len(outcome.roles),
        "checks": outcome.checks,
        "wrong": len(outcome.wrong),
    }


async def prove(brokers: Brokers, folder: Path) -> Outcome:
    async with four_services(brokers, folder) as four:
        planted, other = await plant(four, "ela"), await plant(four, "eures")
        return await Walk(four, planted, other).run()


def main() -> int:
    with brokers_for_this_run() as brokers, tempfile.TemporaryDirectory(prefix="liaison-rights-") as folder:
        outcome = asyncio.run(prove(brokers, Path(folder)))
    for sentence in outcome.wrong:
        print(sentence, file=sys.stderr)
    print(json.dumps(figures(outcome)), flush=True)
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
