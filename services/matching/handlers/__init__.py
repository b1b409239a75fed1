"""The use cases, a module per aggregate."""

from services.matching.handlers.calls import (
    begin_call,
    change_call,
    close_call,
    draft_call,
    open_call,
    publish_call,
    reopen_call,
    report_call,
)
from services.matching.handlers.exchanges import (
    Proposed,
    accept_exchange,
    ask_week,
    cancel_exchange,
    decline_exchange,
    exchange_of,
    expire_proposal,
    hold_exchange,
    propose_exchange,
    propose_exchanges,
    record_no_show,
    release_proposal,
    report_exchange,
    set_costs,
    take_back_proposal,
)
from services.matching.handlers.runs import Solve, rerun_match, run_match
from services.matching.handlers.sides import (
    change_interest,
    change_offer,
    endorse_interest,
    file_interest,
    make_offer,
    withdraw_interest,
    withdraw_offer,
)
from services.matching.handlers.streams import (
    CALL,
    EXCHANGE,
    INTEREST,
    OFFER,
    RUNS,
    WORDS,
    focus_areas,
    languages,
    market_of,
)

__all__ = [
    "CALL", "EXCHANGE", "INTEREST", "OFFER", "RUNS", "WORDS", "Proposed", "Solve", "accept_exchange", "ask_week",
    "begin_call", "cancel_exchange", "change_call", "change_interest", "change_offer", "close_call",
    "decline_exchange", "draft_call", "endorse_interest", "exchange_of", "expire_proposal", "file_interest",
    "focus_areas", "hold_exchange", "languages", "make_offer", "market_of", "open_call", "propose_exchange",
    "propose_exchanges", "publish_call", "record_no_show", "release_proposal", "reopen_call", "report_call",
    "report_exchange", "rerun_match", "run_match", "set_costs", "take_back_proposal", "withdraw_interest",
    "withdraw_offer",
]  # fmt: skip
