"""What was worked out once stays until a measure that it read moves."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from services.kpi.engine.cells import NEWS
from services.kpi.engine.figures import Cells, Scope
from services.kpi.engine.merging import Merged
from shared import clock
from shared.web.i18n import language
from shared.web.wording import in_words

T = TypeVar("T")
KEPT = 5_000


class Remembered:
    """Answers by scope, language and name; `today` is part of the question."""

    def __init__(self, merged: Merged) -> None:
        self.merged = merged
        self._answers: OrderedDict[tuple[Any, ...], tuple[tuple[tuple[str, int], ...], Any]] = OrderedDict()

    def ask(self, scope: Scope, name: str, make: Callable[[Cells, date], T]) -> T:
        """The answer of `make`, worked out again only where one of the measures that it read has moved since."""
        today = date.fromisoformat(scope.known) if scope.known else clock.now().date()
        key = (scope, language(), name, today)
        kept = self._answers.get(key)
        if kept is not None and all(self.merged.revisions[scope.network, one] == at for one, at in kept[0]):
            self._answers.move_to_end(key)
            answer: T = kept[1]
            return answer
        cells = Cells(self.merged, scope, in_words(scope.network))
        answer = make(cells, today)
        read = cells.used | ({NEWS} if name == NEWS else set())
        stand = tuple((one, self.merged.revisions[scope.network, one]) for one in sorted(read))
        self._answers[key] = (stand, answer)
        if len(self._answers) > KEPT:
            self._answers.popitem(last=False)
        return answer
