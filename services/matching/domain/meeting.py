"""A meeting of two people: times proposed by one, accepted by the other, who may propose others instead."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.matching.commands.promoters import AgreeMeeting, AskMeeting, DeclineMeeting, LapseMeeting, MoveMeeting
from shared.contracts.base import Command, Event
from shared.contracts.promoters import MeetingAgreed, MeetingAsked, MeetingDeclined, MeetingLapsed, MeetingMoved
from shared.contracts.refused import Refused


class Status(StrEnum):
    NEW = "new"
    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Meeting:
    status: Status = Status.NEW
    promoter: str = ""
    asker: str = ""
    person: str = ""
    """The promoter's."""
    member: str | None = None
    times: tuple[datetime, ...] = ()
    proposed_by: str = ""
    """Who proposed the times; the other one accepts."""
    at: datetime | None = None
    words: str | None = None

    @property
    def waits_for(self) -> str | None:
        if self.status is not Status.ASKED:
            return None
        return self.person if self.proposed_by == self.asker else self.asker


def decide(meeting: Meeting, command: Command) -> list[Event]:
    match command, meeting.status:
        case AskMeeting(), Status.NEW:
            if command.asker == command.person:
                raise Refused("own-meeting", "This is your own page: ask somebody else.", status=422)
            names = ("promoter", "asker", "person", "member", "times", "words")
            _must_come(command.times, command.when)
            return [MeetingAsked(**{name: getattr(command, name) for name in names})]
        case _, Status.NEW:
            raise Refused("not-found", "There is no such meeting here.", status=404)
        case LapseMeeting(), _:
            over = meeting.status is Status.ASKED and max(meeting.times) <= command.when
            return [MeetingLapsed(**_who(meeting))] if over else []
        case AgreeMeeting(time=at), Status.AGREED if at == meeting.at:
            return []
        case AgreeMeeting(by=by, time=at), Status.ASKED:
            _must_be_asked(meeting, by)
            if at not in meeting.times:
                raise Refused("time-unknown", "Choose one of the times proposed.", status=422)
            if at <= command.when:
                raise Refused("time-over", "That time is over: choose another or propose some.", status=422)
            return [MeetingAgreed(**_who(meeting), by=by, at=at)]
        case MoveMeeting(by=by, times=times), Status.ASKED:
            _must_be_asked(meeting, by)
            _must_come(times, command.when)
            return [MeetingMoved(**_who(meeting), by=by, times=times)]
        case DeclineMeeting(by=by), Status.ASKED | Status.AGREED:
            if by not in (meeting.asker, meeting.person):
                raise Refused("not-your-meeting", "Only the two of this meeting answer to it.", status=403)
            return [MeetingDeclined(**_who(meeting), by=by, words=command.words or None)]
        case DeclineMeeting(), Status.DECLINED:
            return []
    raise Refused("meeting-closed", "This meeting is not open any more.")


def evolve(meeting: Meeting, event: Event) -> Meeting:
    match event:
        case MeetingAsked():
            names = ("promoter", "asker", "person", "member", "times", "words")
            told = {name: getattr(event, name) for name in names}
            return Meeting(Status.ASKED, proposed_by=event.asker, **told)
        case MeetingMoved():
            return replace(meeting, times=event.times, proposed_by=event.by)
        case MeetingAgreed():
            return replace(meeting, status=Status.AGREED, at=event.at)
        case MeetingDeclined():
            return replace(meeting, status=Status.DECLINED)
        case MeetingLapsed():
            return replace(meeting, status=Status.LAPSED)
    return meeting


def times_over(stream: str, event: Event) -> Iterable[tuple[str, datetime | None, Command | None]]:
    """The last of the times proposed ends the question."""
    match event:
        case MeetingAsked(times=times) | MeetingMoved(times=times):
            yield f"lapse-{stream}", max(times), LapseMeeting(meeting=stream)
        case MeetingAgreed() | MeetingDeclined():
            yield f"lapse-{stream}", None, None


def _must_come(times: tuple[datetime, ...], now: datetime) -> None:
    if any(one <= now for one in times):
        raise Refused("time-over", "Propose times that are still to come.", status=422)


def _must_be_asked(meeting: Meeting, by: str) -> None:
    if by != meeting.waits_for:
        raise Refused("not-your-turn", "The other one answers first.", status=403)


def _who(meeting: Meeting) -> dict[str, Any]:
    return {name: getattr(meeting, name) for name in ("promoter", "asker", "person", "member")}
