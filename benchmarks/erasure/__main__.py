"""`make prove-erasure`: prints `{"planted":…, "places_searched":…, "found_before":…, "found_after":0}` last."""

import sys

from benchmarks.erasure.proof import measure
from benchmarks.stage import run

if __name__ == "__main__":
    figures = run(measure())
    sys.exit(0 if figures["found_after"] == 0 and figures["found_before"] else 1)
