"""Messages into structs with only the fields that measures read: msgspec does it several times faster than a model."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import msgspec
from annotated_types import Ge, Gt, Le, Lt

from shared.contracts.base import Event

Decode = Callable[[bytes], Any]
_LIMITS = ((Ge, "ge"), (Gt, "gt"), (Le, "le"), (Lt, "lt"))


def decoder_of(event: type[Event], fields: Iterable[str]) -> Decode:
    """Raises `msgspec.MsgspecError` for data that breaks the contract in one of the fields."""
    return msgspec.json.Decoder(struct_of(event, fields)).decode


def struct_of(event: type[Event], fields: Iterable[str]) -> type[msgspec.Struct]:
    """The same names, types, limits and defaults as the contract's model."""
    rows: list[Any] = []
    for name in sorted(fields):
        field = event.model_fields[name]
        kind = _limited(field.annotation, field.metadata)
        if field.is_required():
            rows.append((name, kind))
        elif field.default_factory is not None:
            rows.append((name, kind, msgspec.field(default_factory=field.default_factory)))  # type: ignore[arg-type]
        else:
            rows.append((name, kind, field.default))
    return msgspec.defstruct(event.__name__, rows, kw_only=True, gc=False)


def _limited(annotation: Any, metadata: Iterable[Any]) -> Any:
    limits: dict[str, Any] = {}
    for one in metadata:
        for known, name in _LIMITS:
            if isinstance(one, known):
                limits[name] = getattr(one, name)
    return Annotated[annotation, msgspec.Meta(**limits)] if limits else annotation
