"""What is counted, and what the counts are made into: read `measures` first, then `formulas` and `declared`."""

from services.kpi.engine.figures import INDICATORS
from services.kpi.engine.measures import MEASURES

# The headline figures are declared, and shown, first.
from . import declared, formulas, measures  # isort: skip
from . import answering, attending, outside, planning, taking_part

__all__ = [
    "INDICATORS", "MEASURES", "answering", "attending", "declared", "formulas", "measures", "outside", "planning",
    "taking_part",
]  # fmt: skip
