"""What is asked of mobility promoters: show oneself, ask for a meeting, agree on a time."""

from typing import Annotated

from pydantic import Field

from services.matching.commands.experts import Told
from services.matching.commands.words import Ask, Code, Drawn, Languages, Moment, Reason, _stream

PromoterId = Annotated[str, _stream("promoter")]
MeetingId = Annotated[str, _stream("meeting")]
Times = Annotated[tuple[Moment, ...], Field(min_length=1, max_length=5)]


class ShowPromoter(Ask):
    """`about` is read by all members of the network."""

    themes: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30)]
    languages: Languages
    hosts: bool = False
    sends: bool = False
    about: Told
    promoter: Annotated[str, Drawn] = ""
    person: Annotated[str, Drawn] = ""
    member: Annotated[str | None, Drawn] = None
    words: Annotated[str, Drawn] = ""


class HidePromoter(Ask):
    promoter: PromoterId


class AskMeeting(Ask):
    """Meet and greet: up to five times that would suit, of which the promoter accepts one."""

    promoter: PromoterId
    times: Times
    message: Told
    asker: Annotated[str, Drawn] = ""
    person: Annotated[str, Drawn] = ""
    member: Annotated[str | None, Drawn] = None
    words: Annotated[str, Drawn] = ""


class MoveMeeting(Ask):
    """None of the times suits: others."""

    meeting: MeetingId
    by: Annotated[str, Drawn] = ""
    times: Times


class AgreeMeeting(Ask):
    meeting: MeetingId
    by: Annotated[str, Drawn] = ""
    time: Moment


class DeclineMeeting(Ask):
    meeting: MeetingId
    by: Annotated[str, Drawn] = ""
    reason: Reason = ""
    words: Annotated[str, Drawn] = ""


class LapseMeeting(Ask):
    meeting: MeetingId
