"""What is counted, and what the counts are made into: read `measures` first, then `formulas`."""

from services.kpi.engine.figures import INDICATORS
from services.kpi.engine.measures import MEASURES

from . import formulas, measures

__all__ = ["INDICATORS", "MEASURES", "formulas", "measures"]
