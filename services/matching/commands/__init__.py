"""What may be asked of `matching`, a module per aggregate."""

from services.matching.commands.calls import (
    TERMS,
    BeginCall,
    ChangeCall,
    CloseCall,
    DraftCall,
    OpenCall,
    Prepared,
    PublishCall,
    ReopenCall,
    ReportCall,
    RerunMatch,
    RunMatch,
    Terms,
)
from services.matching.commands.exchanges import (
    AcceptExchange,
    AskWeek,
    CancelExchange,
    DeclineExchange,
    ExpireProposal,
    HoldExchange,
    ProposeExchange,
    RecordNoShow,
    ReleaseProposal,
    ReportExchange,
    SetCosts,
    TakeBackProposal,
)
from services.matching.commands.sides import (
    ChangeInterest,
    ChangeOffer,
    EndorseInterest,
    FileInterest,
    Hosting,
    MakeOffer,
    Wish,
    WithdrawInterest,
    WithdrawOffer,
)
from services.matching.commands.words import (
    Ask,
    CallId,
    Code,
    Euros,
    InterestId,
    Languages,
    Moment,
    Places,
    Reason,
    Week,
    printable,
)

__all__ = [
    "TERMS", "AcceptExchange", "Ask", "AskWeek", "BeginCall", "CallId", "CancelExchange", "ChangeCall",
    "ChangeInterest", "ChangeOffer", "CloseCall", "Code", "DeclineExchange", "DraftCall", "EndorseInterest",
    "Euros", "ExpireProposal", "FileInterest", "HoldExchange", "Hosting", "InterestId", "Languages", "MakeOffer",
    "Moment", "OpenCall", "Places", "Prepared", "ProposeExchange", "PublishCall", "Reason", "RecordNoShow",
    "ReleaseProposal", "ReopenCall", "ReportCall", "ReportExchange", "RerunMatch", "RunMatch", "SetCosts",
    "TakeBackProposal", "Terms", "Week", "Wish", "WithdrawInterest", "WithdrawOffer", "printable",
]  # fmt: skip
