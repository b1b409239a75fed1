"""A choice at once, good enough to begin with: what the relaxation likes best, as long as every rule holds."""

from collections import defaultdict

from services.matching.domain.program import Program


def greedy(program: Program, liked: list[float]) -> list[int]:
    """Chosen candidates that break no rule."""
    candidates = len(program.candidates)
    left: list[int] = []
    uses: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in program.rows:
        if row.terms and all(factor > 0 and column < candidates for column, factor in row.terms):
            for column, factor in row.terms:
                uses[column].append((len(left), factor))
            left.append(row.most)
    chosen: list[int] = []
    taken: set[int] = set()
    for column in sorted(range(candidates), key=lambda one: (-round(liked[one], 6), one)):
        seeker = program.candidates[column].seeker
        if seeker not in taken and all(left[at] >= factor for at, factor in uses[column]):
            taken.add(seeker)
            chosen.append(column)
            for at, factor in uses[column]:
                left[at] -= factor
    return _mended(program, chosen)


def _mended(program: Program, chosen: list[int]) -> list[int]:
    """Without those whose host does not send, or whose group is not whole; what is left out may undo others."""
    while True:
        values = program.whole(chosen)
        broken = {
            column
            for row in program.rows
            if sum(factor * values[column] for column, factor in row.terms) > row.most
            for column, factor in row.terms
            if factor > 0
        }
        again = [one for one in chosen if one not in broken and program.group_of(one) not in broken]
        if len(again) == len(chosen):
            return sorted(chosen)
        chosen = again
