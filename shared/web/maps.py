"""Arcs between members on a map: the projection, coasts and places that every such picture shares.

Drawn from the capitals' coordinates on a plain projection; members outside the frame stand at its edge. Coasts and
borders come from the installed page assets, where those are.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, hypot, radians
from pathlib import Path

import orjson

from shared.profiles import Profile

CAPITALS: dict[str, tuple[float, float]] = {
    "AT": (48.21, 16.37), "BE": (50.85, 4.35), "BG": (42.70, 23.32), "CH": (46.95, 7.45), "CY": (35.17, 33.36),
    "CZ": (50.09, 14.42), "DE": (52.52, 13.40), "DK": (55.68, 12.57), "EE": (59.44, 24.75), "EL": (37.98, 23.73),
    "ES": (40.42, -3.70), "FI": (60.17, 24.94), "FR": (48.86, 2.35), "HR": (45.81, 15.98), "HU": (47.50, 19.04),
    "IE": (53.35, -6.26), "IS": (64.15, -21.94), "IT": (41.90, 12.50), "LI": (47.14, 9.52), "LT": (54.69, 25.28),
    "LU": (49.61, 6.13), "LV": (56.95, 24.11), "MT": (35.90, 14.51), "NL": (52.37, 4.90), "NO": (59.91, 10.75),
    "PL": (52.23, 21.01), "PT": (38.72, -9.14), "RO": (44.43, 26.10), "SE": (59.33, 18.07), "SI": (46.06, 14.51),
    "SK": (48.15, 17.11), "UA": (50.45, 30.52), "UK": (51.51, -0.13),
}  # fmt: skip
"""Latitude and longitude in degrees."""
WEST, EAST, SOUTH, NORTH, MIDDLE = -13.0, 36.0, 33.5, 63.5, 50.0
HEIGHT = 620
WORLD = "countries-50m.json"
SCALE = HEIGHT / (NORTH - SOUTH)
WIDTH = round((EAST - WEST) * cos(radians(MIDDLE)) * SCALE)


@dataclass(frozen=True, slots=True)
class Point:
    member: str
    x: float
    y: float
    side: str
    """Where its name stands: `start` to the right, `end` to the left of the point."""


def points_of(places: dict[str, tuple[float, float]]) -> list[Point]:
    return [Point(member, x, y, "end" if x > WIDTH - 90 else "start") for member, (x, y) in sorted(places.items())]


def places_of(members: set[str], profile: Profile) -> tuple[dict[str, tuple[float, float]], list[str]]:
    """Where each is drawn; several of one country stand beside each other."""
    places: dict[str, tuple[float, float]] = {}
    elsewhere: list[str] = []
    taken: dict[str, int] = defaultdict(int)
    for code in sorted(members):
        member = profile.member(code)
        country = code if code in CAPITALS else (member.country if member else None) or ""
        if country not in CAPITALS:
            elsewhere.append(code)
            continue
        x, y = at(*CAPITALS[country])
        places[code] = (round(x, 1), round(y + 16 * taken[country], 1))
        taken[country] += 1
    return places, elsewhere


def at(latitude: float, longitude: float) -> tuple[float, float]:
    x = (longitude - WEST) * cos(radians(MIDDLE)) * SCALE
    y = (NORTH - latitude) * SCALE
    return min(max(x, 12), WIDTH - 12), min(max(y, 12), HEIGHT - 12)


def bow(a: tuple[float, float], b: tuple[float, float]) -> tuple[str, str]:
    """A bow that leans to one side, so that there and back are two; its arrow stands in the middle."""
    (ax, ay), (bx, by) = a, b
    dx, dy = bx - ax, by - ay
    length = hypot(dx, dy) or 1.0
    lean = min(60.0, length * 0.22)
    cx, cy = (ax + bx) / 2 + dy / length * lean, (ay + by) / 2 - dx / length * lean
    mx, my = (ax + 2 * cx + bx) / 4, (ay + 2 * cy + by) / 4
    ux, uy = dx / length * 7, dy / length * 7
    arrow = f"M{mx + ux:.1f} {my + uy:.1f} L{mx - ux - uy * 0.6:.1f} {my - uy + ux * 0.6:.1f} "
    arrow += f"L{mx - ux + uy * 0.6:.1f} {my - uy - ux * 0.6:.1f} Z"
    path = f"M{ax:.1f} {ay:.1f} Q{cx:.1f} {cy:.1f} {bx:.1f} {by:.1f}"
    return path, arrow


@cache
def coasts(world: Path) -> str:
    """Every line of the atlas that passes the frame, thinned out; nothing where the atlas is not installed."""
    try:
        atlas = orjson.loads(world.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return ""
    (kx, ky), (tx, ty) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    paths = []
    for line in atlas["arcs"]:
        x = y = 0
        points: list[tuple[float, float]] = []
        for dx, dy in line:
            x, y = x + dx, y + dy
            longitude, latitude = x * kx + tx, y * ky + ty
            if not (WEST - 3 < longitude < EAST + 3 and SOUTH - 2 < latitude < NORTH + 2):
                paths += _line(points)
                points = []
                continue
            points.append(((longitude - WEST) * cos(radians(MIDDLE)) * SCALE, (NORTH - latitude) * SCALE))
        paths += _line(points)
    return "".join(paths)


def _line(points: Sequence[tuple[float, float]]) -> list[str]:
    """A line of the picture, without points that lie closer than two units; none for less than two points."""
    kept: list[tuple[float, float]] = []
    for at, (x, y) in enumerate(points):
        if not kept or at == len(points) - 1 or hypot(x - kept[-1][0], y - kept[-1][1]) > 2:
            kept.append((x, y))
    return ["M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in kept)] if len(kept) > 1 else []


def grid() -> list[str]:
    """Meridians and parallels, ten degrees apart."""
    lines = []
    for longitude in range(-10, 40, 10):
        x, _y = at(MIDDLE, longitude)
        lines.append(f"M{x:.1f} 0 V{HEIGHT}")
    for latitude in range(40, 70, 10):
        _x, y = at(latitude, 0)
        lines.append(f"M0 {y:.1f} H{WIDTH}")
    return lines
