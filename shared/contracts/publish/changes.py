"""What became of a schema: the changes between two of them, and whom each one breaks."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

SAYS_NOTHING = frozenset({"title", "description", "examples", "example", "deprecated", "$schema", "$id", "$defs"})
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_TREATED = frozenset(
    {"type", "anyOf", "oneOf", "allOf", "$ref", "properties", "required", "items", "prefixItems"}
    | {"additionalProperties", "enum", "const", "default", *_LOWER, *_UPPER}
)


@dataclass(frozen=True, slots=True)
class Change:
    """`writers` keep to the old schema in what they send or have stored; `readers` in what they expect."""

    where: str
    what: str
    writers: bool
    readers: bool

    def __str__(self) -> str:
        return f"{self.where or 'the whole'} {self.what}"


def breaks(old: Schema, new: Schema) -> list[str]:
    """Why data of the old schema and its readers would not get along with the new one; empty where they would.

    A new optional field breaks nobody, nor does a field that need not be sent any more; words (titles, descriptions)
    do not count.
    """
    return [str(change) for change in changes(old, new)]


def changes(old: Schema, new: Schema, old_root: Schema | None = None, new_root: Schema | None = None) -> list[Change]:
    """All changes that break somebody, in the order of the old schema. References are looked up in the roots."""
    return list(_Comparison(old_root or old, new_root or new).compare(old, new, "", ()))


@dataclass(frozen=True, slots=True)
class _Comparison:
    old_root: Schema
    new_root: Schema

    def compare(self, old: Schema | bool, new: Schema | bool, where: str, seen: tuple[Any, ...]) -> Iterator[Change]:
        here = (_reference(old), _reference(new))
        if (any(here) and here in seen) or (_is_open(old) and _is_open(new)):
            return  # a schema that refers to itself, or says nothing
        before, after = _by_kind(old, self.old_root), _by_kind(new, self.new_root)
        for kind in before | after:
            yield from self._alternatives(kind, before[kind], after[kind], where, (*seen, here))

    def _alternatives(
        self, kind: str, old: list[Schema], new: list[Schema], where: str, seen: tuple[Any, ...]
    ) -> Iterator[Change]:
        named = f"of type {kind}" if kind else "of any type"
        if len(old) > len(new):
            yield Change(where, f"may no longer be {named}", writers=True, readers=False)
        if len(new) > len(old):
            yield Change(where, f"may now be {named}, which its readers do not expect", writers=False, readers=True)
        for one, other in zip(old, new, strict=False):
            yield from self._same_kind(kind, one, other, where, seen)

    def _same_kind(self, kind: str, old: Schema, new: Schema, where: str, seen: tuple[Any, ...]) -> Iterator[Change]:
        yield from _values(old, new, where)
        yield from _bounds(old, new, where)
        for name in sorted((old.keys() | new.keys()) - _TREATED - SAYS_NOTHING):
            if old.get(name) != new.get(name):
                told = f"has another {name}: {old.get(name)!r} became {new.get(name)!r}"
                yield Change(where, told, writers=True, readers=True)
        if old.get("default") != new.get("default") and "default" in old:
            told = f"has another default: {old['default']!r} became {new.get('default')!r}"
            yield Change(where, told, writers=True, readers=False)
        if kind in ("object", ""):
            yield from self._fields(old, new, where, seen)
        if kind in ("array", ""):
            yield from self._items(old, new, where, seen)

    def _fields(self, old: Schema, new: Schema, where: str, seen: tuple[Any, ...]) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        required = set(new.get("required", ())) - set(old.get("required", ()))
        for name, field in before.items():
            path = f"{where}.{name}" if where else name
            if name not in after:
                yield Change(path, "is gone", writers=True, readers=True)
                continue
            if name in required:
                yield Change(path, "is now required", writers=True, readers=False)
            yield from self.compare(field, after[name], path, seen)
        for name in sorted((after.keys() | required) - before.keys()):
            path = f"{where}.{name}" if where else name
            if name in required:
                yield Change(path, "is new and required", writers=True, readers=False)
            if isinstance(old.get("additionalProperties"), dict):  # it had a meaning without a name
                yield from self.compare(old["additionalProperties"], after.get(name, True), path, seen)
        yield from self._others(old, new, where, seen)

    def _others(self, old: Schema, new: Schema, where: str, seen: tuple[Any, ...]) -> Iterator[Change]:
        """Fields that have no name in the schema: the values of a mapping."""
        before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if before is False and after is not False:
            return  # unnamed fields become welcome: like one more optional field
        if after is False and before is not False:
            yield Change(where, "takes no further fields any more", writers=True, readers=False)
            return
        yield from self.compare(before, after, where + "{}", seen)

    def _items(self, old: Schema, new: Schema, where: str, seen: tuple[Any, ...]) -> Iterator[Change]:
        before, after = old.get("prefixItems", []), new.get("prefixItems", [])
        if len(before) != len(after):
            told = f"has {len(after)} fixed places instead of {len(before)}"
            yield Change(where, told, writers=True, readers=True)
        for number, (one, other) in enumerate(zip(before, after, strict=False)):
            yield from self.compare(one, other, f"{where}[{number}]", seen)
        yield from self.compare(old.get("items", True), new.get("items", True), where + "[]", seen)


def _is_open(schema: Schema | bool) -> bool:
    return schema is True or schema == {}


def _reference(schema: Schema | bool) -> str:
    return schema.get("$ref", "") if isinstance(schema, dict) else ""


def _by_kind(schema: Schema | bool, root: Schema) -> dict[str, list[Schema]]:
    """The alternatives of a schema by their type; `""` is the type of what does not name one."""
    found: dict[str, list[Schema]] = defaultdict(list)
    for one in _flat(schema, root):
        kinds = one.get("type", _kinds_of_values(one))
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            found[kind].append(one)
    return found


def _kinds_of_values(schema: Schema) -> list[str]:
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    names = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    return sorted({names.get(type(value), "") for value in values}) or [""]


def _flat(schema: Schema | bool, root: Schema) -> Iterator[Schema]:
    """The alternatives of a schema, references looked up; what stands beside them counts for each."""
    if isinstance(schema, bool):
        if schema:
            yield {}
        return
    own = {name: value for name, value in schema.items() if name not in ("$ref", "anyOf", "oneOf", "allOf")}
    if "$ref" in schema:
        for one in _flat(_resolved(schema["$ref"], root), root):
            yield one | own
    elif alternatives := schema.get("anyOf") or schema.get("oneOf"):
        for alternative in alternatives:
            for one in _flat(alternative, root):
                yield one | own
    elif len(parts := schema.get("allOf", ())) == 1:
        for one in _flat(parts[0], root):
            yield one | own
    else:
        yield schema


def _resolved(reference: str, root: Schema) -> Schema:
    """The schema at a local reference; raises `ValueError` for one that leads elsewhere."""
    if not reference.startswith("#/"):
        raise ValueError(f"{reference} does not stand in the same document")
    found: Any = root
    for step in reference[2:].split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    result: Schema = found
    return result


def _values(old: Schema, new: Schema, where: str) -> Iterator[Change]:
    before, after = _allowed(old), _allowed(new)
    if before == after:
        return
    if before is None:
        yield Change(where, f"takes only {_listed(after or [])}", writers=True, readers=False)
    elif after is None:
        yield Change(where, "takes any value, which its readers do not expect", writers=False, readers=True)
    else:
        if lost := [one for one in before if one not in after]:
            yield Change(where, f"no longer takes {_listed(lost)}", writers=True, readers=False)
        if more := [one for one in after if one not in before]:
            told = f"may now be {_listed(more)}, which its readers do not expect"
            yield Change(where, told, writers=False, readers=True)


def _allowed(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return schema.get("enum")


def _listed(values: list[Any]) -> str:
    return ", ".join(repr(value) for value in values)


def _bounds(old: Schema, new: Schema, where: str) -> Iterator[Change]:
    for names, sign in ((_LOWER, 1), (_UPPER, -1)):
        for name in names:
            before, after = old.get(name), new.get(name)
            if before == after:
                continue
            told = f"has another {name}: {before!r} became {after!r}"
            narrower = after is not None and (before is None or sign * after > sign * before)
            yield Change(where, told, writers=narrower, readers=not narrower)
