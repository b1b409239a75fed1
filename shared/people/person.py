"""Who somebody is: roles, member, network; and how an address is written."""

import re
from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.refused import Refused

# Deliberately loose: only a mail that arrives proves an address.
_ADDRESS = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]+\.[^\s@<>,;.]+")


class Role(StrEnum):
    NLO = "nlo"
    COORDINATOR = "coordinator"
    ORGANISER = "organiser"
    PARTICIPANT = "participant"
    BOARD = "board"
    OPERATOR = "operator"
    FORM = "form"
    """A form tool that sends answers; never a human being."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in."""

    subject: str
    name: str
    email: str
    roles: tuple[Role, ...]
    member: str | None
    network: str
    language: str = ""


def normal_address(email: str) -> str:
    """The form in which addresses are compared; refuses what cannot be one."""
    address = email.strip().casefold()
    if len(address) > 254 or not _ADDRESS.fullmatch(address):
        raise Refused("address-invalid", "Write the e-mail address in full, such as anna@example.eu.", status=422)
    return address
