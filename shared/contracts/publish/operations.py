"""What became of a service's JSON API: the changes that its callers would feel."""

from collections.abc import Iterator
from typing import Any

from .changes import Schema, changes

_METHODS = ("get", "post", "put", "patch", "delete")


def api_breaks(old: Schema, new: Schema) -> list[str]:
    """Why a caller written for the old OpenAPI document would not get along with the new one.

    What is sent may only be asked for less strictly, what is answered may only gain fields.
    """
    found: list[str] = []
    for path, methods in old.get("paths", {}).items():
        for method in _METHODS:
            if method not in methods:
                continue
            name = f"{method.upper()} {path}"
            other = new.get("paths", {}).get(path, {}).get(method)
            told = _operation(methods[method], other, old, new) if other else ["is gone"]
            found += [f"{name} {one}" for one in told]
    return found


def _operation(old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    yield from _parameters(old, new, old_root, new_root)
    yield from _body(old.get("requestBody"), new.get("requestBody"), old_root, new_root)
    for status, answer in old.get("responses", {}).items():
        if not status.startswith("2"):
            continue  # problems are told once, for all
        other = new.get("responses", {}).get(status)
        if other is None:
            yield f"no longer answers {status}"
            continue
        for kind, content in answer.get("content", {}).items():
            told = other.get("content", {}).get(kind)
            if told is None:
                yield f"no longer answers {kind}"
                continue
            for change in changes(content.get("schema", {}), told.get("schema", {}), old_root, new_root):
                if change.readers:
                    yield f"answers another content: {change}"


def _parameters(old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    before, after = _named(old), _named(new)
    for key, parameter in before.items():
        if key not in after:
            yield f"no longer takes the {key[0]} parameter {key[1]}"
            continue
        for change in changes(parameter.get("schema", {}), after[key].get("schema", {}), old_root, new_root):
            if change.writers:
                yield f"takes the {key[0]} parameter {key[1]} otherwise: {change}"
    for key, parameter in after.items():
        if parameter.get("required") and not before.get(key, {}).get("required"):
            yield f"now requires the {key[0]} parameter {key[1]}"


def _named(operation: Schema) -> dict[tuple[str, str], Any]:
    return {(one["in"], one["name"]): one for one in operation.get("parameters", ())}


def _body(old: Schema | None, new: Schema | None, old_root: Schema, new_root: Schema) -> Iterator[str]:
    if new and new.get("required") and not (old or {}).get("required"):
        yield "now requires a body"
    if not old:
        return
    if not new:
        yield "no longer takes a body"
        return
    for kind, content in old.get("content", {}).items():
        other = new.get("content", {}).get(kind)
        if other is None:
            yield f"no longer takes {kind}"
            continue
        for change in changes(content.get("schema", {}), other.get("schema", {}), old_root, new_root):
            if change.writers:
                yield f"takes another body: {change}"
