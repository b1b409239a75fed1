"""Forms: what was typed is kept, what is wrong is said next to its field and once above."""

import hashlib
import types
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from uuid_utils import uuid7

from shared.contracts.refused import Refused
from shared.web.i18n import _
from shared.web.stale import Changed, Conflict, Difference

_OWN = frozenset({"_command", "_version", "_csrf", "_was", "_confirmed"})
"""Fields that no person fills in."""
M = TypeVar("M", bound=BaseModel)


class Form:
    """The values of a form as typed, and the errors found in them (field -> sentence; "" for the whole form)."""

    def __init__(self, values: Mapping[str, Iterable[str]] | None = None) -> None:
        self._values: dict[str, list[str]] = {key: list(value) for key, value in (values or {}).items()}
        self.files: dict[str, UploadFile] = {}
        self.uploads: dict[str, list[UploadFile]] = {}
        """All files of a field that takes several; `files` has the last one."""
        self.errors: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.options: dict[str, dict[str, str]] = {}
        self.conflict: Conflict | None = None
        self.command_id = self["_command"] or str(uuid7())
        """Drawn when the page was made, so that a double click counts once."""

    @classmethod
    def of(cls, **initial: Any) -> "Form":
        """A form to fill in, with what is known already."""
        return cls({key: _texts(value) for key, value in initial.items() if value is not None})

    def __getitem__(self, name: str) -> str:
        return next(iter(self._values.get(name, ())), "")

    def all(self, name: str) -> list[str]:
        return [value for value in self._values.get(name, ()) if value]

    def names(self) -> list[str]:
        """The fields that came, blanks included."""
        return list(self._values)

    @property
    def version(self) -> int | None:
        """The version of the thing that the form showed."""
        text = self["_version"]
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    def fail(self, field: str, sentence: str) -> None:
        self.errors.setdefault(field, sentence)

    def refuse(self, refusal: Refused, field: str = "") -> int:
        """Show the refusal, at `field` or above the form; the status to answer with."""
        self.fail(field, _(refusal.sentence))
        if refusal.status < 500:
            self.command_id = str(uuid7())  # what is sent next is another command: the refusal is this one's answer
        return refusal.status

    def stale(
        self, changed: Changed, theirs: "Form | None" = None, *, take: str = "", told: Mapping[str, str] | None = None
    ) -> int:
        """Keep what was typed and show it beside what stands now, field by field; the status to answer with.

        `theirs` is the form as it would be filled in now, `told` what each event is called, by its last word. What the
        sender did not touch becomes theirs. Sent again it is saved over what stands.
        """
        differences = self._meet(theirs) if theirs else []
        self.conflict = Conflict(changed.version, changed.changes, differences, take, told or {})
        return changed.status

    def _meet(self, theirs: "Form") -> list[Difference]:
        """Where what the sender changed is not what stands now; their other fields become as they stand now."""
        before = dict(one.rpartition(":")[::2] for one in self["_was"].split())
        differences = []
        for name in dict.fromkeys([*theirs._values, *before]):
            mine, now = self.all(name), theirs.all(name)
            if self["_was"] and before.get(name, "") == _mark(mine):
                self._values[name] = list(now)
            elif _mark(now) != _mark(mine):
                differences.append(Difference(name, tuple(now), tuple(mine)))
        self._values["_was"] = [theirs.was]
        return differences

    @property
    def was(self) -> str:
        """A mark of each field's value as the form first showed it, to tell later what its sender changed."""
        if "_command" in self._values:
            return self["_was"]
        marks = {name: _mark(self.all(name)) for name in self._values if name not in _OWN}
        return " ".join(f"{name}:{mark}" for name, mark in marks.items() if mark)

    def name_options(self, name: str, options: Iterable[Sequence[Any]]) -> None:
        self.options[name] = {str(option[0]): str(option[1]) for option in options}

    def shown(self, name: str, values: Iterable[str]) -> str:
        """A field's values in the words of its choices."""
        return ", ".join(self.options.get(name, {}).get(one, one) for one in values)

    def build(self, model: type[M], **fixed: Any) -> M | None:
        """The model from what was typed, over it what is `fixed`; None where errors were found. Blanks are left out.

        A field `place.city` fills `city` of the nested model `place`.
        """
        data: dict[str, Any] = {}
        for name in self._values:
            if not name.startswith("_"):
                self._put(data, model, name)
        try:
            built = model.model_validate({**data, **fixed})
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False):
                self.fail(".".join(str(step) for step in one["loc"] if isinstance(step, str)), _sentence(one))
            return None
        return None if self.errors else built

    def _put(self, data: dict[str, Any], model: type[BaseModel], name: str) -> None:
        steps = name.split(".")
        annotation: Any = model
        for step in steps[:-1]:
            data = data.setdefault(step, {})
            annotation = _field(annotation, step)
            if not isinstance(data, dict):
                return
        several = _is_several(_field(annotation, steps[-1]))
        value: Any = self.all(name) if several else self[name].strip()
        if value:
            data[steps[-1]] = value


async def read_form(request: Request) -> Form:
    """What was posted: fields as typed, files apart."""
    return form_of(await request.form())


def form_of(data: FormData) -> Form:
    values: dict[str, list[str]] = {}
    files: dict[str, UploadFile] = {}
    uploads: dict[str, list[UploadFile]] = {}
    for key, value in data.multi_items():
        if isinstance(value, str):
            values.setdefault(key, []).append(value.replace("\r\n", "\n").replace("\x00", ""))
        elif value.filename:
            files[key] = value
            uploads.setdefault(key, []).append(value)
        else:  # a field without a file
            value.file.close()
    form = Form(values)
    form.files, form.uploads = files, uploads
    return form


def _plain(value: str) -> str:
    return value.strip().replace("\r\n", "\n")


def _mark(values: Iterable[str]) -> str:
    """The same for the same values in any order; empty for none."""
    texts = sorted(_plain(one) for one in values)
    return hashlib.sha256("\x1f".join(texts).encode("utf-8", "replace")).hexdigest()[:12] if texts else ""


def _texts(value: Any) -> list[str]:
    if isinstance(value, list | tuple | set | frozenset):
        return [str(one) for one in value]
    return ["1" if value else ""] if isinstance(value, bool) else [str(value)]


def _field(annotation: Any, name: str) -> Any:
    for one in _alternatives(annotation):
        if isinstance(one, type) and issubclass(one, BaseModel):
            found = one.model_fields.get(name)
            return found.annotation if found else None
    return None


def _is_several(annotation: Any) -> bool:
    return any(get_origin(one) in (list, tuple, set, frozenset) for one in _alternatives(annotation))


def _alternatives(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _alternatives(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [one for argument in get_args(annotation) for one in _alternatives(argument)]
    return [annotation]


def _sentence(error: Mapping[str, Any]) -> str:
    """Pydantic's message in words for the person who typed."""
    limits = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return _("Fill this in.")
        case "string_too_short" if limits["min_length"] > 1:
            return _("Write at least %(count)s characters.", count=limits["min_length"])
        case "string_too_short":
            return _("Fill this in.")
        case "string_too_long":
            return _("Shorten this to %(count)s characters at most.", count=limits["max_length"])
        case "too_short":
            return _("Choose at least %(count)s.", count=limits["min_length"])
        case "too_long":
            return _("Choose %(count)s at most.", count=limits["max_length"])
        case "int_parsing" | "int_from_float" | "int_type":
            return _("Write a whole number in digits.")
        case "float_parsing" | "decimal_parsing":
            return _("Write a number in digits.")
        case "greater_than_equal":
            return _("Write %(limit)s or more.", limit=limits.get("ge"))
        case "less_than_equal":
            return _("Write %(limit)s or less.", limit=limits.get("le"))
        case "greater_than":
            return _("Write more than %(limit)s.", limit=limits.get("gt"))
        case "less_than":
            return _("Write less than %(limit)s.", limit=limits.get("lt"))
        case "enum" | "literal_error":
            return _("Choose one of the list.")
        case "value_error":
            return _(str(limits.get("error", error["msg"])))
        case kind if kind.startswith(("date", "time")):
            return _("Write a date and time that exist, as the field shows.")
        case _:
            return _("This is not understood here; write it as the help says.")
