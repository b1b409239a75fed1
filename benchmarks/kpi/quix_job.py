"""The same cells by Quix Streams, exactly once; runs in an environment of its own: `quix_job.py KAFKA TOPIC NUMBER`.

Quix keeps state by message key. Cells are kept there by stream, so nothing has to be sent through Kafka a second time
to be grouped by cell: that is the lighter of its two ways.
"""

import json
import sys
import tempfile
import time
from typing import Any

from quixstreams import Application

from services.kpi.engine.reading import Reader
from services.kpi.indicators import MEASURES


def main(kafka: str, topic: str, number: int) -> None:
    reader = Reader(list(MEASURES.values()))
    sums: list[dict[Any, int]] = [{} for _ in reader.measures]
    began = 0.0

    class Sums(dict[Any, int]):
        def __missing__(self, key: Any) -> int:
            return 0

    def count(value: bytes, key: Any, timestamp: int, headers: Any, state: Any) -> None:
        nonlocal began
        began = began or time.perf_counter()
        found = dict(headers)
        taker = reader.takers.get(found["ce_type"])
        if taker is None:
            return
        network, stream = found["ce_network"].decode(), found["ce_subject"].decode()
        day, recorded = found["ce_time"][:10].decode(), found["ce_recordedtime"][:10].decode()
        for place in taker.compiled.measures:
            sums[place] = Sums()
        taker.compiled.run(taker.decode(value), network, stream, day, recorded, sums)
        for place in taker.compiled.measures:
            for cell, delta in sums[place].items():
                name = f"{place}|{cell}"
                state.set(name, state.get(name, 0) + delta)

    with tempfile.TemporaryDirectory() as folder:
        app = Application(
            broker_address=kafka,
            consumer_group=f"{topic}-quix",
            auto_offset_reset="earliest",
            processing_guarantee="exactly-once",
            state_dir=folder,
            loglevel="WARNING",
        )
        source = app.topic(topic, key_deserializer="str", value_deserializer="bytes")
        app.dataframe(source).apply(count, stateful=True, metadata=True)
        app.run(count=number, timeout=60, collect=False)
        ended = time.perf_counter()
    print(json.dumps({"per_s": number / (ended - began)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
