"""A run as a map: members at their capitals, an arc for each pair of sender and host."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.matching.domain.solution import Match
from shared.profiles import Profile
from shared.web.maps import CAPITALS, HEIGHT, WIDTH, WORLD, Point, bow, coasts, grid, places_of, points_of

__all__ = ["CAPITALS", "HEIGHT", "WIDTH", "Arc", "Picture", "Point", "picture"]


@dataclass(frozen=True, slots=True)
class Arc:
    sender: str
    host: str
    exchanges: int
    officials: int
    path: str
    arrow: str

    @property
    def pair(self) -> str:
        return f"{self.sender}-{self.host}"


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    grid: Sequence[str]
    points: Sequence[Point]
    arcs: Sequence[Arc]
    coasts: str
    elsewhere: Sequence[str]
    """Members without a country, which a map cannot show."""


def picture(matches: Iterable[Match], profile: Profile, assets: Path | None = None) -> Picture:
    pairs: dict[tuple[str, str], list[Match]] = defaultdict(list)
    for one in matches:
        pairs[one.sender, one.host].append(one)
    places, elsewhere = places_of({member for pair in pairs for member in pair}, profile)
    arcs = [
        Arc(sender, host, len(several), sum(one.officials for one in several), *bow(places[sender], places[host]))
        for (sender, host), several in sorted(pairs.items())
        if sender in places and host in places
    ]
    drawn = coasts(assets / WORLD) if assets else ""
    return Picture(WIDTH, HEIGHT, grid(), points_of(places), arcs, drawn, elsewhere)
