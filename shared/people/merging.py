"""Two documents that are one person."""

from typing import Any

from shared import clock
from shared.contracts.refused import Refused

_LISTS = ("subjects", "roles", "merged", "other_addresses", "purposes")


async def merge(persons: Any, winner: str, loser: str, *, network: str, by: str) -> None:
    """Give the winner all that the loser had, then let the loser's document go; safe to repeat after a crash.

    The loser's document goes last: until then both ids lead to somebody, afterwards both lead to the winner.
    """
    kept = await persons.find_one({"_id": winner, "network": network})
    if kept is not None and loser in kept.get("merged", ()):
        await persons.delete_one({"_id": loser})
        return
    given = await persons.find_one({"_id": loser, "network": network})
    if kept is None or given is None:
        raise Refused("not-found", "One of the two is not known here; look for them again.", status=404)
    if winner == loser:
        raise Refused("same-person", "Choose two different persons.", status=422)
    if "erasing" in kept or "erasing" in given:
        raise Refused("being-erased", "One of the two is being erased; there is nothing to merge.")
    former = given.get("formerly", {})
    names = [one for one in (given["name"], *former.get("names", ())) if one != kept["name"]]
    lists = {field: given.get(field, []) for field in _LISTS}
    lists["merged"] = [*lists["merged"], loser]
    lists["other_addresses"] = [*lists["other_addresses"], given["address"]]
    lists |= {"formerly.names": names, "formerly.emails": [given["email"], *former.get("emails", ())]}
    mergers = {"mergers": {"person": loser, "by": by, "at": clock.now()}}
    added = {field: {"$each": values} for field, values in lists.items() if values}
    facts = {field: given[field] for field in ("member", "language") if given.get(field) and not kept.get(field)}
    change: dict[str, Any] = {"$addToSet": added, "$push": mergers}
    await persons.update_one({"_id": winner}, change | ({"$set": facts} if facts else {}))
    await persons.delete_one({"_id": loser})
