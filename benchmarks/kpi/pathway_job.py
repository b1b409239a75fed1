"""The group-bys that most of the deltas go to, by Pathway on one thread: `pathway_job.py KAFKA TOPIC NUMBER`.

Runs in an environment of its own. Its connector hands headers over as base64 in a JSON column, so it reads a second
topic with the same events, their envelope inside the value: that is the faster way for it. The group-bys are those of
registrations, places waited for, participations, absences, persons, ratings and requests: fewer than `kpi` has, and
without its guarantee.
"""

import json
import sys
import time

import pathway as pw

EVENTS = "liaison.events."


class Flat(pw.Schema):
    type: str
    network: str
    stream: str
    day: str
    recorded: str
    member: str
    kind: str
    mode: str
    activity: str
    person: str
    present: bool
    previously: str
    relevance: int
    added_value: int


def grouped(table: pw.Table, *columns: str) -> None:
    keys = [table[name] for name in ("network", "day", "recorded", *columns)]
    pw.io.null.write(table.groupby(*keys).reduce(*keys, n=pw.reducers.count()))


def main(kafka: str, topic: str, number: int) -> None:
    settings = {"bootstrap.servers": kafka, "group.id": f"{topic}-pathway", "auto.offset.reset": "earliest"}
    settings["isolation.level"] = "read_committed"
    told = pw.io.kafka.read(settings, topic, schema=Flat, format="json", mode="static")
    attendance = told.filter(told.type == EVENTS + "attendance.recorded.v1")
    grouped(told.filter(told.type == EVENTS + "registration.confirmed.v1"), "member", "kind", "mode")
    grouped(told.filter(told.type == EVENTS + "registration.waitlisted.v1"), "member", "kind", "mode")
    grouped(told.filter(told.type == EVENTS + "registration.cancelled.v1"), "previously", "member", "kind", "mode")
    grouped(attendance.filter(attendance.present), "activity", "member", "kind", "mode")
    grouped(attendance.filter(~attendance.present), "activity", "member", "kind", "mode")
    grouped(attendance.filter(attendance.present), "person", "member")
    answers = told.filter(told.type == EVENTS + "feedback.given.v1")
    grouped(answers, "relevance", "kind")
    grouped(answers, "added_value", "kind")
    grouped(told.filter(pw.this.type.str.startswith("liaison.requests.request.")), "type", "stream", "kind", "member")
    began = time.perf_counter()
    pw.run(monitoring_level=pw.MonitoringLevel.NONE)
    print(json.dumps({"per_s": number / (time.perf_counter() - began)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
