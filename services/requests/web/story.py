"""A request's story in words: what happened, by whom and why, and what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.requests import queries
from services.requests.domain.request import Status
from services.requests.queries import Happened, Shown
from shared.contracts.vocabulary import Quarter
from shared.mongo import Database
from shared.people import People
from shared.profiles import Profile
from shared.web.formats import member_name, moment
from shared.web.i18n import _
from shared.web.rights import Principal

MOST_REASON = 90


@dataclass(frozen=True, slots=True)
class Step:
    """As `ui.timeline` takes it: `state` is `on` for what happened, `now` for what waits, empty for what is to come."""

    when: date | str
    title: str
    text: str = ""
    state: str = "on"
    href: str = ""
    link: str = ""


def quarter_words(quarter: str | None) -> str:
    """`2024-Q2` as Q2 2024."""
    if not quarter:
        return ""
    parsed = Quarter.parse(quarter)
    return f"Q{parsed.number} {parsed.year}"


def monday(week: str) -> date:
    """The first day of a week like `2024-W38`."""
    year, _, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), 1)


def week_words(week: str, shown: Shown) -> str:
    return moment(monday(week), shown.network).striptags()


async def story_of(db: Database, people: People, principal: Principal, profile: Profile, shown: Shown) -> list[Step]:
    """Every step so far, each with its reason, then those to come."""
    happened = await queries.story(db, shown.network, shown.id)
    names = await people.name_of(id for one in happened for id in (one.actor, one.asked_by) if id)
    steps = [_on_behalf(_step(one, _who(one.actor, principal, names), profile, shown), one, names) for one in happened]
    return [*steps, *_to_come(shown)]


def _on_behalf(step: Step, one: Happened, names: Mapping[str, str]) -> Step:
    """Both names where somebody wrote it down for another."""
    if not one.asked_by:
        return step
    asked = _("On behalf of %(name)s", name=names.get(one.asked_by, _("somebody")))
    return replace(step, text=_joined(asked, step.text))


def _who(actor: str | None, principal: Principal, names: Mapping[str, str]) -> str:
    if actor == principal.subject:
        return ""
    if actor and actor.startswith("key-"):
        return _("another program")
    return names.get(actor or "", _("Somebody"))


def _step(one: Happened, who: str, profile: Profile, shown: Shown) -> Step:
    """`who` is empty where the reader did it."""
    when = datetime.fromisoformat(one.time)
    data: Mapping[str, Any] = one.data
    match one.type:
        case "submitted":
            title = _("%(who)s sent it", who=who) if who else _("You sent it")
            return Step(when, title, _origin(data, shown))
        case "planned":
            title = _("Planned for %(quarter)s", quarter=quarter_words(data["quarter"]))
            return Step(when, title, _joined(profile.title_of(data["line"]), _by(who), one.reason))
        case "deferred":
            title = _("Deferred to %(quarter)s", quarter=quarter_words(data["quarter"]))
            return Step(when, title, _joined(_by(who), one.reason))
        case "declined":
            return Step(when, _("Declined"), _joined(_by(who), one.reason))
        case "withdrawn":
            title = _("%(who)s withdrew it", who=who) if who else _("You withdrew it")
            return Step(when, title, one.reason)
        case "reopened" if data["cause"] == "activity-cancelled":
            return Step(when, _("Its activity was cancelled"), _("The request is to be decided anew."))
        case "reopened" if data["cause"] == "joined-withdrawn":
            text = _("This one was not: it is to be decided on its own.")
            return Step(when, _("The request that it was answered with was withdrawn"), text)
        case "reopened" if data["cause"] == "exchange-cancelled":
            return Step(when, _("Its exchange will not be held"), _("The request is to be decided anew."))
        case "reopened":
            return Step(when, _("The decision was taken back"), _joined(_by(who), one.reason))
        case "accepted-for-call":
            return Step(when, _("Accepted for the open call"), _joined(_by(who), one.reason))
        case "matched":
            host = member_name(data["host"], shown.network)
            title = _(
                "Exchange with %(host)s agreed for the week of %(day)s", host=host, day=week_words(data["week"], shown)
            )
            return Step(when, title, "", "on", f"/matching/exchanges/{data['exchange']}", _("See the exchange"))
        case "merged":
            title = _(
                "Answered together with a request of %(member)s", member=member_name(data["into_member"], shown.network)
            )
            return Step(when, title, _joined(_by(who), one.reason))
        case "joined":
            asker = member_name(data["request_member"], shown.network)
            return Step(when, _("A request of %(member)s joined it", member=asker), _joined(_by(who), one.reason))
        case "parted":
            asker = member_name(data["request_member"], shown.network)
            return Step(when, _("The request of %(member)s is answered on its own again", member=asker))
        case "questioned":
            return Step(when, _("A question to the sender"), _joined(_by(who), one.reason))
        case "answered":
            return Step(when, _("The sender's answer"), _joined(_by(who), one.reason))
        case "fulfilled":
            held = _("Its exchange was held") if data.get("exchange") else _("Its activity was held")
            return Step(when, held, "", "on", f"/events/{data['activity']}", _("See the activity"))
    return Step(when, one.type)


def _by(who: str) -> str:
    return _("By %(who)s", who=who) if who else _("By you")


def _joined(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _origin(data: Mapping[str, Any], shown: Shown) -> str:
    if data.get("via") == "eusurvey":
        return _("From the EUSurvey form “%(form)s”. Nothing was changed.", form=shown.words.get("form", ""))
    return ""


def _to_come(shown: Shown) -> list[Step]:
    if shown.lead is not None:
        return _to_come(shown.lead)
    activity = shown.state["activity"] or ""
    held = Step(
        quarter_words(shown.state["quarter"]), _("Held, then feedback"), _("The participants rate it."), state=""
    )
    match shown.status:
        case Status.SUBMITTED if shown.question:
            return [Step(_("now"), _("A question waits for the sender's answer"), shown.question, state="now")]
        case Status.SUBMITTED:
            text = _("A coordinator weighs it with the other requests of %(year)s.", year=shown.state["year"])
            title = _("To be decided anew") if shown.state["cause"] else _("Waits for a first answer")
            return [Step(_("next"), title, text, state="now")]
        case Status.DEFERRED:
            title = _("Weighed again with the plan of %(year)s", year=shown.state["year"])
            return [Step(quarter_words(shown.state["quarter"]), title, state="")]
        case Status.PLANNED if shown.activity.get("status") == "scheduled":
            date_set = Step(
                _("set"), _("Date and place are set"), "", "on", f"/events/{activity}", _("See the activity")
            )
            return [date_set, Step(date.fromisoformat(shown.activity["on"]), held.title, held.text, "")]
        case Status.PLANNED if shown.activity.get("status") == "cancelled":
            return [
                Step(_("now"), _("Its activity was cancelled"), _("Ask the coordinator what comes instead."), "now")
            ]
        case Status.ACCEPTED if shown.state["exchange"]:
            return [Step(monday(shown.state["week"]), _("The exchange begins"), "", "")]
        case Status.ACCEPTED:
            return [Step(_("next"), _("Matched with a host"), "", "now", "/matching/", _("See the calls"))]
        case Status.PLANNED:
            return [Step(_("next"), _("The organiser sets date and place"), state="now"), held]
    return []


def next_of(shown: Shown) -> str:
    """What the reader of a list may expect, in a few words."""
    quarter = quarter_words(shown.state["quarter"])
    reason = shown.reason if len(shown.reason) <= MOST_REASON else shown.reason[: MOST_REASON - 1].rstrip() + "…"
    match shown.status:
        case Status.MERGED if shown.lead is not None:
            return _(
                "with %(member)s: %(next)s",
                member=member_name(shown.lead.member, shown.network),
                next=next_of(shown.lead),
            )
        case Status.SUBMITTED if shown.question:
            return _("a question waits for the sender's answer")
        case Status.ACCEPTED if shown.state["exchange"]:
            host, day = member_name(shown.state["host"], shown.network), week_words(shown.state["week"], shown)
            return _("exchange with %(host)s, week of %(day)s", host=host, day=day)
        case Status.ACCEPTED:
            return _("is matched with a host in the call")
        case Status.FULFILLED if shown.state["exchange"]:
            host, day = member_name(shown.state["host"], shown.network), week_words(shown.state["week"], shown)
            return _("exchange with %(host)s, week of %(day)s", host=host, day=day)
        case Status.SUBMITTED if shown.state["cause"] == "exchange-cancelled":
            return _("its exchange was cancelled; to be decided anew")
        case Status.SUBMITTED if shown.state["cause"] == "activity-cancelled":
            return _("its activity was cancelled; to be decided anew")
        case Status.SUBMITTED:
            return _("to be decided anew") if shown.state["cause"] else _("waits for a first answer")
        case Status.PLANNED | Status.FULFILLED if shown.activity.get("status") in ("scheduled", "held"):
            return moment(shown.activity["on"], shown.network)
        case Status.PLANNED | Status.FULFILLED:
            return quarter
        case Status.DEFERRED:
            return _("%(quarter)s: %(reason)s", quarter=quarter, reason=reason)
    return reason
