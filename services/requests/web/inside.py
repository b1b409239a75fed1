"""Part of a wider event: the choice on the form, and the link on the pages of both."""

from datetime import date

from fastapi import Request
from markupsafe import Markup

from services.requests import inside, queries
from services.requests.inside import Placed
from services.requests.queries import Shown
from shared import clock
from shared.contracts.refused import Refused
from shared.mongo import Database
from shared.profiles import Profile
from shared.web.formats import member_name
from shared.web.i18n import _
from shared.web.rights import Principal
from shared.web.wording import in_words

from .common import db_of
from .plan_parts import reads, titled
from .story import quarter_words


async def choices(request: Request, principal: Principal) -> list[tuple[str, str]]:
    """Activities that are still to come, then requests that are none yet; each with its quarter and member."""
    db, profile, today = db_of(request), in_words(principal.network), clock.now().date()
    activities = await inside.coming_activities(db, principal.network, today)
    waiting = await inside.open_requests(db, principal.network, principal.own_member)
    said = [(chip.activity, _said(principal, profile, (year, chip))) for year, chip in activities]
    return said + [(one.id, _asked(profile, one)) for one in waiting if not _over(one, today)]


def _over(one: Shown, today: date) -> bool:
    return int(one.state["year"]) < today.year


def _said(principal: Principal, profile: Profile, placed: Placed) -> str:
    _year, chip = placed
    member = member_name(chip.planned.member, profile.id) if chip.planned.member else ""
    parts = (titled(principal, profile, chip), quarter_words(chip.planned.quarter), member)
    return ", ".join(part for part in parts if part)


def _asked(profile: Profile, one: Shown) -> str:
    quarter = quarter_words(one.state["quarter"] or one.state["quarter_wished"])
    said = ", ".join(part for part in (one.title, quarter, member_name(one.member, profile.id)) if part)
    return _("%(request)s (not planned yet)", request=said)


async def check(db: Database, principal: Principal, named: str | None) -> None:
    """Refuse what is not there, or not the asker's to see."""
    if named is None:
        return
    if named.startswith("activity-"):
        known = await inside.activity(db, principal.network, named) is not None
    else:
        asked = await queries.one(db, principal.network, named)
        known = asked is not None and principal.own_member in (None, asked.member)
    if not known:
        sentence = "Choose an event of the list, or write what it is called."
        raise Refused("inside-unknown", sentence, status=422)


async def link_to(db: Database, principal: Principal, shown: Shown) -> Markup | str:
    """What it is part of, as a link where its reader may follow it, with what was typed."""
    typed, named = str(shown.words.get("inside_event", "")), shown.state["inside"]
    link = await _link(db, principal, named) if named else ""
    if not link or not typed:
        return link or typed
    return Markup("{} ({})").format(link, typed)


async def _link(db: Database, principal: Principal, named: str) -> Markup | str:
    profile = in_words(principal.network)
    if named.startswith("request-"):
        asked = await queries.one(db, principal.network, named)
        if asked is None:
            return ""
        if not reads(principal, named, asked.member):
            return _("a request of %(member)s", member=member_name(asked.member, principal.network))
        return Markup('<a href="/requests/{}">{}</a>').format(named, asked.title)
    placed = await inside.activity(db, principal.network, named)
    if placed is None:
        return ""
    said = _said(principal, profile, placed)
    if not principal.may("plan.read"):
        return said
    return Markup('<a href="/requests/plan/{}/activities/{}/lineage">{}</a>').format(placed[0], named, said)
