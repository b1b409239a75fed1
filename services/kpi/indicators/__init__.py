"""What is counted, and what the counts are made into: read `measures` first, then `formulas` and `declared`."""

from services.kpi.engine.figures import INDICATORS
from services.kpi.engine.measures import MEASURES

from . import declared, formulas, measures

__all__ = ["INDICATORS", "MEASURES", "declared", "formulas", "measures"]
