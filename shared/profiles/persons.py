"""The ready-made persons of the local profile, to sign in as; all are invented."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from shared.people import Person, Role
from shared.profiles.loader import FOLDER, ProfileError, load, read_toml, told


@cache
def local_persons() -> tuple[Person, ...]:
    """Every ready-made person of every network; raises `ProfileError`."""
    return read_persons(FOLDER / "persons.toml")


def read_persons(path: Path) -> tuple[Person, ...]:
    """The persons in a file, network by network; raises `ProfileError` that names file and line."""
    raw, text = read_toml(path)
    found: list[Person] = []
    wrong: list[str] = []
    for network, rows in raw.items():
        for subject, row in rows.items():
            problems = list(_problems(network, subject, row, found))
            wrong += [told(path, text, raw, (network, subject), problem) for problem in problems]
            if not problems:
                found.append(_person(network, subject, row))
    if wrong:
        raise ProfileError("\n".join(wrong))
    return tuple(found)


def _problems(network: str, subject: str, row: dict[str, Any], earlier: list[Person]) -> Iterator[str]:
    profile = load(network)
    if missing := {"name", "email", "roles", "language"} - row.keys():
        yield f"Missing: {', '.join(sorted(missing))}."
        return
    if strange := row.keys() - {"name", "email", "roles", "language", "member"}:
        yield f"Unknown: {', '.join(sorted(strange))}."
    if unknown := set(row["roles"]) - set(Role):
        yield f"There is no role {', '.join(sorted(unknown))}."
    member = row.get("member")
    if member is not None and profile.member(member) is None:
        yield f"{member} is not a member of {profile.name}."
    if any(person.subject == subject for person in earlier):
        yield "There is a person of that subject already."
    if any(person.email == row["email"] for person in earlier):
        yield f"{row['email']} belongs to another person."


def _person(network: str, subject: str, row: dict[str, Any]) -> Person:
    return Person(
        subject=subject,
        name=row["name"],
        email=row["email"],
        roles=tuple(Role(role) for role in row["roles"]),
        member=row.get("member"),
        network=network,
        language=row["language"],
    )
