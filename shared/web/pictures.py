"""The geometry of small pictures, in a box of 200 by 44; the drawing is in `templates/charts.html`."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, ROOM, A_DASH = 200.0, 44.0, 2.0, 8.0


@dataclass(frozen=True)
class Spark:
    """Points as SVG takes them; empty where there is nothing to draw."""

    values: str
    area: str
    forecast: str
    target: float | None


def spark_points(values: Sequence[float], target: float | None = None, forecast: Sequence[float] = ()) -> Spark:
    """A line from the left, its forecast going on from its end; zero lies at the bottom."""
    if not values:
        return Spark("", "", "", None)
    most = max(*values, *forecast, target or 0, 0) * 1.04 or 1.0
    steps = max(len(values) + len(forecast) - 1, 1)

    def height(value: float) -> float:
        return round(HEIGHT - ROOM - max(value, 0) / most * (HEIGHT - 2 * ROOM), 1)

    points = [(round(place * WIDTH / steps, 1), height(value)) for place, value in enumerate((*values, *forecast))]
    if len(points) == 1:  # a dash at the end, where a line would be from the second value on
        points = [(WIDTH - A_DASH, points[0][1]), (WIDTH, points[0][1])]
    drawn = points[: len(values)] if forecast else points
    expected = points[len(values) - 1 :]
    bottom = [(drawn[-1][0], HEIGHT), (drawn[0][0], HEIGHT)]
    return Spark(
        values=_joined(drawn),
        area=_joined([*drawn, *bottom]) if len(drawn) > 1 else "",
        forecast=_joined(expected) if forecast else "",
        target=height(target) if target is not None else None,
    )


def _joined(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)
