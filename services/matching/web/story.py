"""What an exchange's page tells: its title, its facts and money, and its story from the proposal to the reports."""

from datetime import datetime
from typing import Any

from markupsafe import Markup

from services.matching.domain.costs import Costs
from services.matching.domain.exchange import Exchange, Status
from services.matching.web.common import focus_title, stay_words, waits_for
from shared.web.formats import language_name, member_name
from shared.web.i18n import _
from shared.web.rights import Principal


def title_of(state: Exchange, network: str, principal: Principal) -> str:
    sender, host = member_name(state.sender, network), member_name(state.host, network)
    who = _("%(sender)s to %(host)s", sender=sender, host=host)
    if waits_for(state, principal.own_member):
        return _("%(who)s: your answer is due", who=who)
    waiting = [member_name(side, network) for side in state.sides if waits_for(state, side)]
    match state.status:
        case Status.PROPOSED if len(waiting) == 1:
            return _("%(who)s: waits for %(member)s", who=who, member=waiting[0])
        case Status.PROPOSED:
            return _("%(who)s: waits for both answers", who=who)
        case Status.AGREED:
            return _("%(who)s: agreed by both sides", who=who)
        case Status.HELD:
            return _("%(who)s: the exchange was held", who=who)
        case Status.DECLINED:
            return _("%(who)s: declined by %(by)s", who=who, by=member_name(state.declined_by, network))
        case Status.MISSED:
            return _("%(who)s: %(member)s did not turn up", who=who, member=member_name(state.absent, network))
        case Status.CANCELLED if state.taken_back:
            return _("%(who)s: the proposal was taken back", who=who)
        case Status.LAPSED:
            return _("%(who)s: not answered in time", who=who)
    return _("%(who)s: cancelled", who=who)


def facts_of(state: Exchange, principal: Principal) -> list[tuple[str, Any]]:
    network = principal.network
    return [
        (_("Sends"), f"{state.sender} {member_name(state.sender, network)}"),
        (_("Hosts"), f"{state.host} {member_name(state.host, network)}"),
        (_("Officials"), state.officials),
        (_("When"), stay_words(state.week, state.duration)),
        (_("Focus area"), focus_title(state.focus, network)),
        (_("Language"), language_name(state.language) if state.language else ""),
        (_("Request"), _request(state, principal)),
    ]


def _request(state: Exchange, principal: Principal) -> Markup | str:
    """The request that it came of, for who may read it: the member that sends, and who sees all of the network."""
    if not state.request or not principal.may("requests.read") or principal.own_member not in (None, state.sender):
        return ""
    return Markup('<a href="/requests/{}">{}</a>').format(state.request, _("the request of the sending side"))


def money(costs: Costs) -> list[tuple[str, str]]:
    """The amounts by what they are for, then their sum."""
    rows = [
        (_("Travel"), costs.travel),
        (_("Accommodation"), costs.accommodation),
        (_("Interpretation"), costs.interpretation),
        (_("Together"), costs.amount),
    ]
    return [(name, euros(amount)) for name, amount in rows]


def euros(amount: int) -> str:
    return _("%(amount)s EUR", amount=f"{amount:,}".replace(",", "\u202f"))


def story_of(state: Exchange, history: list[dict[str, Any]], network: str, reason: str) -> list[dict[str, Any]]:
    """What happened, in order, then what is still to come."""
    over = state.status is Status.MISSED  # then its cancellation says nothing more
    told = [one for one in history if not (over and one["type"] == "cancelled")]
    steps = [_happened(one, network, reason) for one in told]
    if state.status is Status.PROPOSED:
        waiting = _(" and ").join(member_name(side, network) for side in state.sides if waits_for(state, side))
        title = _("Answer of %(members)s", members=waiting)
        text = _("Without both answers by then the proposal lapses and the places are free again.")
        steps.append({"when": state.answer_by, "title": title, "text": text, "state": "now"})
        steps.append({"when": "", "title": _("Agreed, and held as an activity"), "text": "", "state": ""})
    if state.status is Status.AGREED:
        when = stay_words(state.week, state.duration)
        steps.append({"when": "", "title": _("Held as an activity"), "text": when, "state": ""})
    if state.status is Status.HELD and (owing := [side for side in state.sides if side not in state.reports]):
        whose = _(" and ").join(member_name(side, network) for side in owing)
        steps.append({"when": "", "title": _("Report of %(members)s", members=whose), "text": "", "state": ""})
    return steps


def _happened(one: dict[str, Any], network: str, reason: str) -> dict[str, Any]:
    by = member_name(one["data"].get("by"), network)
    text = ""
    match one["type"]:
        case "proposed":
            title, text = _("Proposed to both sides"), _("The host's places are kept meanwhile.")
        case "accepted":
            title = _("%(member)s accepted", member=by)
        case "agreed":
            title = _("Agreed by both sides")
        case "declined":
            title, text = _("%(member)s declined", member=by), reason
        case "taken-back":
            title, text = _("The coordinator took the proposal back"), reason
        case "lapsed":
            title, text = _("Not answered in time"), _("The places are free again.")
        case "held":
            title = _("Held")
        case "moved":
            title = _("%(member)s asked for another week", member=by)
            text = stay_words(one["data"]["week"], one["data"]["duration"])
        case "costed":
            costs = Costs(**{name: one["data"].get(name, 0) for name in ("travel", "accommodation", "interpretation")})
            paid, planned = _("Paid: %(amount)s"), _("Planned: %(amount)s")
            title = (paid if one["data"].get("actual") else planned) % {"amount": euros(costs.amount)}
        case "missed":
            title, text = _("%(member)s did not turn up", member=member_name(one["data"]["absent"], network)), reason
        case "reported":
            title = _("%(member)s reported", member=by)
        case _:
            title, text = _("Cancelled"), reason or _("The places are free again.")
    return {"when": datetime.fromisoformat(one["time"]), "title": title, "text": text, "state": "on"}
