"""The hosting agreement in words: who sends whom where, what each side does, who pays, what stays with the employer."""

from pathlib import Path
from typing import Any

from services.matching import week
from services.matching.domain.call import Call
from services.matching.domain.exchange import Exchange
from services.matching.handlers import market_of
from services.matching.queries import Found
from services.matching.web.common import call_title, focus_title, stay_words
from services.matching.web.story import money
from shared.profiles import Profile
from shared.web.formats import language_name, member_name, moment
from shared.web.i18n import _, ngettext

AGREEMENT = Path(__file__).parents[1] / "documents" / "agreement.typ"


def words_of(exchange: Found[Exchange], call: Call, profile: Profile) -> dict[str, Any]:
    """All that the document says, in the reader's language."""
    state = exchange.state
    sender, host = (member_name(side, profile.id) for side in state.sides)
    market = profile.markets.get(call.market) or market_of(profile.id, call.market)
    interpreted = _("An interpreter is provided.")
    return {
        "title": _("Hosting agreement"),
        "subtitle": _("%(sender)s to %(host)s", sender=sender, host=host),
        "foot": f"{profile.name} · {exchange.id}",
        "parties": _("What is agreed"),
        "facts": [
            (_("Sends"), f"{state.sender} {sender}"),
            (_("Hosts"), f"{state.host} {host}"),
            (_("Market"), market.title),
            (_("Call"), call_title(call, profile.id)),
            (_("Focus area"), focus_title(state.focus, profile.id)),
            (_("When"), f"{stay_words(state.week, state.duration)}"),
            (_("Officials"), ngettext("one official", "%(num)s officials", state.officials)),
            (_("Language"), language_name(state.language) if state.language else interpreted),
            (_("Agreed on"), moment(state.agreed_on, "date") if state.agreed_on else ""),
        ],
        "duties": _("What each side does"),
        "clauses": [
            _("The host receives the officials in these weeks and names a contact person before they arrive."),
            _("The sender names its officials to the host at least two weeks before the stay begins."),
            _("Who cannot keep this agreement calls the exchange off in time; a no-show counts in the next call."),
            _("Both sides report after the stay."),
            *market.agreement,
        ],
        "paid": _("Planned costs, paid by the network") if state.planned.amount else "",
        "money": [list(row) for row in money(state.planned)],
        "money_heads": [_("For"), _("Amount")],
        "signed": _("Signatures"),
        "lines": [_("For the sender: name, date"), _("For the host: name, date")],
        "begins": week.monday(state.week).isoformat(),
    }
