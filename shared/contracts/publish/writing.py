"""The files under `docs/contracts`: what stands in them, and writing them."""

import importlib
import json
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from shared.contracts.catalogue import BY_SERVICE

from . import published
from .asyncapi import asyncapi
from .changes import Schema
from .published import Lock

FOLDER = Path(__file__).parents[3] / "docs" / "contracts"
LOCK = "published.json"


def files(lock: Lock) -> dict[str, str]:
    """Every generated file's content by its path in the folder, the lock aside; of a retired event its last schema."""
    apps = {service: _app(service) for service in BY_SERVICE}
    hears = {service: app.state.service.hears for service, app in apps.items()}
    events = {kind: schema | {"deprecated": True} for kind, schema in lock.get("events", {}).items()}
    events |= published.current_events()
    return {
        **{f"events/{kind}.json": _text(schema) for kind, schema in sorted(events.items())},
        "asyncapi.json": _text(asyncapi(version("liaison"), hears)),
        **{f"openapi/{service}.json": _text(app.openapi()) for service, app in apps.items()},
    }


def apis() -> dict[str, Schema]:
    """Each service's OpenAPI document."""
    return {service: _app(service).openapi() for service in BY_SERVICE}


def read_lock(folder: Path = FOLDER) -> Lock:
    path = folder / LOCK
    return published.parse(path.read_text("utf-8")) if path.exists() else {}


def write(folder: Path = FOLDER) -> list[str]:
    """Write all of them, unless that breaks what is published: then nothing, and the sentences that say so."""
    lock, events, described = read_lock(folder), published.current_events(), apis()
    if sentences := published.broken(lock, events, described):
        return sentences
    _replace(folder, {**files(lock), LOCK: _text(published.extended(lock, events, described))})
    return []


def _replace(folder: Path, contents: Mapping[str, str]) -> None:
    for stale in (*folder.glob("events/*.json"), *folder.glob("openapi/*.json")):
        if stale.relative_to(folder).as_posix() not in contents:
            stale.unlink()
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")


def _text(document: Any) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _app(service: str) -> Any:
    # By name: shared knows no service. Nothing is connected to, only its routes and topics are asked for.
    os.environ.setdefault("LIAISON_PROFILE", "local")
    return importlib.import_module(f"services.{service}.app").app
