"""The log's places, from an old log to a new one that has the same messages without gaps.

A place is an offset, or the next offset after something. What refers to places: a group's `offsets`, the dead letters
and the parked ones (`dead`), and the indicators' `blocks`, each with the topic's name in it.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]
Key = tuple[str, int]


class Places:
    """`old` names the namespace of the backup, `new` that of the target."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new
        self.offsets: dict[Key, array[int]] = {}
        """By topic (without the namespace) and partition: the old offsets of what the log has, ascending."""

    def topic(self, name: str) -> str:
        return self.new + name.removeprefix(self.old) if name.startswith(f"{self.old}.") else name

    def at(self, topic: str, partition: int, offset: int) -> int:
        """How many messages lie before the old offset, which is the new one."""
        return bisect_left(self.offsets.get((topic.partition(".")[2], partition), array("q")), offset)

    def rewriting(self, collection: str) -> Callable[[Document], Document] | None:
        """What a document of this collection becomes; None where it stays as it is."""
        return {"offsets": self._of_a_group, "dead": self._of_a_letter, "blocks": self._of_a_block}.get(collection)

    def _of_a_group(self, one: Document) -> Document:
        group, topic, partition = one["_id"].split("/")
        group = self.new + group.removeprefix(self.old)
        return one | {
            "_id": f"{group}/{self.topic(topic)}/{partition}",
            "next": self.at(topic, int(partition), one["next"]),
        }

    def _of_a_letter(self, one: Document) -> Document:
        topic, partition = one["topic"], one["partition"]
        order = self.at(topic, partition, one["order"])
        place = f"{self.topic(topic)}/{partition}/{order}"
        return one | {"_id": place, "topic": self.topic(topic), "order": order}

    def _of_a_block(self, one: Document) -> Document:
        topic, partition = one["topic"], one["partition"]
        moved = one | {
            "_id": self.topic(topic) + one["_id"].removeprefix(topic),
            "topic": self.topic(topic),
            "at": self.at(topic, partition, one["at"]),
        }
        if "replayed" in one:  # a dead letter's message that was counted late
            order = self.at(topic, partition, one["replayed"])
            moved |= {"_id": f"{moved['_id'].rpartition('-')[0]}-{order}", "replayed": order}
        if "spans" in one:
            ends = one["spans"].items()
            moved["spans"] = {day: [self.at(topic, partition, end) for end in span] for day, span in ends}
        return moved
