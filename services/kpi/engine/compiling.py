"""Measures into one straight function per event type.

A generator per measure and event would cost more than everything else, so the bodies of all measures of a type are
put into one function: each `yield` becomes an addition, each `match event` keeps only the case of that type.
"""

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from shared.contracts.base import Event

from .measures import Measure

Run = Callable[[Any, str, str, str, str, Sequence[dict[Any, int]]], None]
"""`run(event, network, stream, day, recorded, sums)` adds to `sums[place of the measure][cell]`."""


@cache
def known_day(text: str) -> str:
    """A day that an event names; raises `ValueError` where it is none."""
    return date.fromisoformat(text).isoformat()


@dataclass(frozen=True, slots=True)
class Compiled:
    """`fields` are those of the event that it reads; `measures` the places of those that count it."""

    event: type[Event]
    run: Run
    fields: frozenset[str]
    measures: tuple[int, ...]
    source: str


def compile_all(measures: Sequence[Measure]) -> dict[str, Compiled]:
    """By event type. Raises `TypeError` for a measure that is more than reads, conditions and yields."""
    by_event: dict[type[Event], list[int]] = {}
    for place, one in enumerate(measures):
        for event in one.events:
            by_event.setdefault(event, []).append(place)
    return {event.type: _compile(event, places, measures) for event, places in by_event.items()}


def _compile(event: type[Event], places: Sequence[int], measures: Sequence[Measure]) -> Compiled:
    names: dict[str, Any] = {}
    body: list[ast.stmt] = []
    fields: set[str] = set()
    for place in places:
        inlined = _Inlined(measures[place], place, event)
        body += inlined.body()
        fields |= inlined.fields
        for name, value in inlined.names.items():
            if names.setdefault(name, value) is not value:
                raise TypeError(f"{measures[place].name}: {name} means something else in another module's measures")
    parameters = [ast.arg(name) for name in ("event", "network", "stream", "day", "recorded", "sums")]
    arguments = ast.arguments(posonlyargs=[], args=parameters, kwonlyargs=[], kw_defaults=[], defaults=[])
    function = ast.FunctionDef("run", arguments, body or [ast.Pass()], [], None)
    module = ast.fix_missing_locations(ast.Module([function], []))
    scope = names | {"known_day": known_day}
    exec(compile(module, f"<measures of {event.__name__}>", "exec"), scope)  # noqa: S102 - our own definitions
    return Compiled(event, scope["run"], frozenset(fields), tuple(places), ast.unparse(module))


class _Inlined(ast.NodeTransformer):
    """One measure's body for one event type; its local names get the measure's place in front."""

    def __init__(self, measure: Measure, place: int, event: type[Event]) -> None:
        self.measure, self.place, self.event = measure, place, event
        source = ast.parse(textwrap.dedent(inspect.getsource(measure.function))).body[0]
        if not isinstance(source, ast.FunctionDef):
            raise TypeError(f"{measure.name}: a measure is a plain function")
        self.source = source
        self.locals = {
            node.id for node in ast.walk(source) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        self.fields: set[str] = set()
        self.names: dict[str, Any] = {}

    def body(self) -> list[ast.stmt]:
        statements = self.source.body[1:] if ast.get_docstring(self.source) else self.source.body
        return self._all(statements)

    def _all(self, statements: Iterable[ast.stmt]) -> list[ast.stmt]:
        done: list[ast.stmt] = []
        for statement in statements:
            new = self.visit(statement)
            done += new if isinstance(new, list) else [new]
        return done

    def generic_visit(self, node: ast.AST) -> ast.AST:
        refused = (ast.Return, ast.YieldFrom, ast.Await, ast.Lambda, ast.FunctionDef, ast.Global, ast.NamedExpr)
        if isinstance(node, (*refused, ast.Yield)):
            raise TypeError(f"{self.measure.name}: {type(node).__name__} has no place in a measure")
        return super().generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if not isinstance(node.value, ast.Yield):
            return self.generic_visit(node)
        match node.value.value:
            case ast.Tuple(elts=[ast.Tuple() as dimensions, delta, *day]) if len(day) <= 1:
                pass
            case _:
                raise TypeError(f"{self.measure.name}: yield (dimensions, ...), delta or with a day")
        if len(dimensions.elts) != len(self.measure.by):
            raise TypeError(f"{self.measure.name}: {len(self.measure.by)} dimensions are to be given")
        named = [ast.Call(ast.Name("known_day", ast.Load()), [self.visit(day[0])], [])] if day else []
        happened = named[0] if named else ast.Name("day", ast.Load())
        start = [ast.Name("network", ast.Load()), happened, ast.Name("recorded", ast.Load())]
        cell = ast.Tuple([*start, *(self.visit(one) for one in dimensions.elts)], ast.Load())
        sums = ast.Subscript(ast.Name("sums", ast.Load()), ast.Constant(self.place), ast.Load())
        return ast.AugAssign(ast.Subscript(sums, cell, ast.Store()), ast.Add(), self.visit(delta))

    def visit_Match(self, node: ast.Match) -> list[ast.stmt]:
        """Only the cases of this event's type stay, as conditions; `case Type(field="value")` compares the field."""
        if not (isinstance(node.subject, ast.Name) and node.subject.id == "event"):
            raise TypeError(f"{self.measure.name}: match the event itself")
        kept: list[tuple[ast.expr | None, list[ast.stmt]]] = []
        for case in node.cases:
            test = self._test(case)
            if test is False:
                continue
            kept.append((None if test is True else test, self._all(case.body)))
            if test is True:
                break
        return _conditions(kept)

    def _test(self, case: ast.match_case) -> ast.expr | bool:
        match case.pattern:
            case ast.MatchAs(pattern=None, name=None):
                tests: list[ast.expr] = []
            case ast.MatchClass(cls=cls, patterns=[], kwd_attrs=names, kwd_patterns=patterns):
                wanted = eval(compile(ast.Expression(cls), "<case>", "eval"), self._globals())  # noqa: S307
                if not issubclass(self.event, wanted):
                    return False
                tests = [self._equal(name, pattern) for name, pattern in zip(names, patterns, strict=True)]
            case _:
                raise TypeError(f"{self.measure.name}: a case names an event and values of its fields")
        if case.guard is not None:
            tests.append(self.visit(case.guard))
        if not tests:
            return True
        return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)

    def _equal(self, field: str, pattern: ast.pattern) -> ast.expr:
        self.fields.add(field)
        read = ast.Attribute(ast.Name("event", ast.Load()), field, ast.Load())
        match pattern:
            case ast.MatchValue(value=ast.Constant() as value):
                return ast.Compare(read, [ast.Eq()], [value])
            case ast.MatchSingleton(value=single):
                return ast.Compare(read, [ast.Is()], [ast.Constant(single)])
        raise TypeError(f"{self.measure.name}: compare a field with a constant")

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "event":
            self.fields.add(node.attr)
            return node
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self.locals:
            return ast.Name(f"_{self.place}_{node.id}", node.ctx)
        if node.id not in {"event", *self.measure.asks}:
            known = self._globals()
            if node.id not in known and not hasattr(builtins, node.id):
                raise TypeError(f"{self.measure.name}: {node.id} is not known")
            if node.id in known:
                self.names[node.id] = known[node.id]
        return node

    def _globals(self) -> dict[str, Any]:
        return self.measure.function.__globals__


def _conditions(cases: Sequence[tuple[ast.expr | None, list[ast.stmt]]]) -> list[ast.stmt]:
    if not cases:
        return []
    test, body = cases[0]
    if test is None:
        return body
    return [ast.If(test, body or [ast.Pass()], _conditions(cases[1:]))]
