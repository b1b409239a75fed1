"""What the currency of a budget is worth, so that what is chosen just spends it."""

from typing import NamedTuple


class _Line(NamedTuple):
    """What a choice is worth at any price: its worth less what it spends."""

    price: int
    worth: int
    spent: int


class Price:
    """A price that moves to where the lines of the last dear and the last cheap choice meet."""

    def __init__(self, budget: int | None, now: int) -> None:
        self.budget, self.now = budget, 0 if budget is None else now
        self._dear: _Line | None = None
        self._cheap: _Line | None = None

    def move(self, worth: int, spent: int) -> bool:
        """The next price, after what a choice at this one came to; whether it is another one."""
        if self.budget is None:
            return False
        last = self.now
        if spent > self.budget:
            self._dear = _Line(last, worth, spent)
        else:
            self._cheap = _Line(last, worth, spent)
        dear, cheap = self._dear, self._cheap
        if dear is None:
            self.now = last * 4 // 5
        elif cheap is None:
            self.now = max(last + 1, last * 5 // 4)
        else:
            met = (dear.worth - cheap.worth) // (dear.spent - cheap.spent)
            self.now = met if dear.price < met < cheap.price else (dear.price + cheap.price) // 2
        return self.now != last
