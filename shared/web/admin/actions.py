"""What each action of the table is called where a key's limits are chosen."""

from shared.web.i18n import _, mark

ACTION_WORDS: dict[str, str] = {
    "account.read": mark("See the own account"),
    "admin.read": mark("See persons"),
    "admin.work": mark("Change persons"),
    "keys.read": mark("See API keys"),
    "keys.work": mark("Make and take back API keys"),
    "audit.read": mark("See who did what"),
    "reads.read": mark("See who read what"),
    "history.write": mark("Tell of things longer ago than a day"),
    "requests.read": mark("See requests"),
    "requests.submit": mark("Send requests"),
    "requests.import": mark("Import requests"),
    "requests.answer": mark("Answer questions about requests"),
    "requests.withdraw": mark("Withdraw requests"),
    "requests.triage": mark("See the triage board"),
    "requests.ask": mark("Ask about requests"),
    "requests.decide": mark("Decide on requests"),
    "requests.reopen": mark("Take back decisions on requests"),
    "plan.read": mark("See the plan"),
    "plan.edit": mark("Change the plan"),
    "plan.adopt": mark("Adopt the plan"),
    "needs.read": mark("See needs"),
    "needs.edit": mark("Change needs"),
    "matching.read": mark("See calls and exchanges"),
    "matching.open-call": mark("Open calls"),
    "matching.file-interest": mark("File interests"),
    "matching.offer": mark("Offer to host"),
    "matching.withdraw": mark("Withdraw interests and offers"),
    "matching.run": mark("Match calls"),
    "matching.propose": mark("Propose exchanges"),
    "matching.answer": mark("Answer proposals"),
    "events.read": mark("See activities"),
    "events.organise": mark("Organise activities"),
    "events.register": mark("Register"),
    "events.nominate": mark("Nominate participants"),
    "events.cancel-registration": mark("Cancel registrations"),
    "events.check-in": mark("Check in"),
    "events.hold": mark("Record what was held"),
    "events.rate": mark("Give feedback"),
    "connections.read": mark("See connected forms"),
    "connections.edit": mark("Connect forms"),
    "kpi.read": mark("See indicators"),
    "kpi.events": mark("See the events behind indicators"),
    "operations.read": mark("See operations"),
    "operations.work": mark("Work dead letters"),
}


def action_in_words(action: str) -> str:
    return _(ACTION_WORDS[action]) if action in ACTION_WORDS else action
