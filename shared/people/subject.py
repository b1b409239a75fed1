"""Whom data are about: every id, name and address that one person is known by."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class DataSubject:
    """One person, as those who search, show and erase need it. Never written to a log."""

    id: str
    network: str
    ids: tuple[str, ...] = ()
    """The own id, those of persons merged into this one, and the subjects under which the person signs in."""
    names: tuple[str, ...] = field(default=(), repr=False)
    """The present name first, then former ones."""
    addresses: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, row: dict[str, Any]) -> "DataSubject":
        former = row.get("formerly", {})
        return cls(
            id=row["_id"],
            network=row["network"],
            ids=_once((row["_id"], *row.get("merged", ()), *row.get("subjects", ()))),
            names=_once((row.get("name", ""), *former.get("names", ()))),
            addresses=_once(
                (
                    row.get("email", ""),
                    row.get("address", ""),
                    *row.get("other_addresses", ()),
                    *former.get("emails", ()),
                )
            ),
        )

    @property
    def any_of(self) -> dict[str, list[str]]:
        """For a query: a field that names this person."""
        return {"$in": list(self.ids)}


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
