"""What an exchange will cost: the call's rates for travel, accommodation and interpretation, in euros."""

from dataclasses import dataclass
from typing import Protocol


class Rates(Protocol):
    """Such as a call."""

    @property
    def travel(self) -> int: ...
    @property
    def accommodation(self) -> int: ...
    @property
    def interpretation(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Costs:
    travel: int = 0
    accommodation: int = 0
    interpretation: int = 0

    @property
    def amount(self) -> int:
        return self.travel + self.accommodation + self.interpretation


def planned(rates: Rates, officials: int, duration: int, *, interpreted: bool) -> Costs:
    """Travel for each official, accommodation for each official and week, interpretation for each week."""
    return Costs(
        travel=rates.travel * officials,
        accommodation=rates.accommodation * officials * duration,
        interpretation=rates.interpretation * duration if interpreted else 0,
    )
