"""Events of `kpi`: an indicator that crossed its threshold."""

from .base import Event


class IndicatorCrossed(Event, type="liaison.kpi.indicator.crossed.v1"):
    indicator: str
    target: float
    value: float
    upwards: bool


EVENTS = (IndicatorCrossed,)
