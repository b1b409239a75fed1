"""Changes that name the version they were made on: saved, or shown beside what stands now."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any, TypeVar

from fastapi import Request, Response

from services.matching.queries import S
from services.matching.web.common import found, page_store, told
from shared.contracts.base import Event
from shared.contracts.refused import Refused
from shared.spine.store import GroupingStore
from shared.web.forms import Form
from shared.web.pages import see_other
from shared.web.rights import Principal
from shared.web.stale import Changed, guarded, seen_version, tell_version

Change = Callable[[GroupingStore], Awaitable[Any]]
V = TypeVar("V")


async def save(
    request: Request,
    principal: Principal,
    form: Form,
    stream: str,
    change: Change,
    *,
    minds: Collection[type[Event]],
    theirs: Callable[[], Awaitable[Form]],
    here: str,
    done: str,
) -> Response | int:
    """Carry a form's change out and lead back `here`; else the status with which the form is shown again.

    `theirs` is the form as it would be filled in now.
    """
    store = page_store(request, principal, form.command_id)
    try:
        await guarded(request, store, stream, change, seen=form.version, minds=minds)
    except Changed as changed:
        return form.stale(changed, await theirs(), take=f"{here}/change", told=told())
    except Refused as refusal:
        return form.refuse(refusal)
    return see_other(request, here, done=done)


async def put(
    request: Request,
    principal: Principal,
    response: Response,
    one: tuple[str, type[S]],
    change: Change,
    *,
    store: GroupingStore,
    if_match: str | None,
    minds: Collection[type[Event]],
) -> Any:
    """The API's change: the thing as it stands afterwards, its version told in the answer's header."""
    stream, kind = one
    await guarded(request, store, stream, change, seen=seen_version(if_match), minds=minds)
    now = await found(request, principal, stream, kind)
    tell_version(response, now.version)
    return now
