"""An activity as a calendar entry that mail programs understand (RFC 5545, RFC 5546)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from icalendar import Calendar, Event, vCalAddress, vText

METHOD = Literal["REQUEST", "CANCEL", "PUBLISH"]


@dataclass(frozen=True, slots=True)
class Entry:
    """Days of an activity. `uid` stays the same and `sequence` grows with each change, so that entries are replaced."""

    uid: str
    sequence: int
    title: str
    starts_on: date
    ends_on: date
    place: str = ""
    description: str = ""
    url: str = ""
    method: METHOD = "REQUEST"


def ics(entry: Entry, *, organiser: str, attendee: tuple[str, str] | None = None, now: datetime | None = None) -> bytes:
    """The file; `attendee` is a name and an address, left out of what is published."""
    calendar = Calendar()
    calendar.add("prodid", "-//Liaison//EN")
    calendar.add("version", "2.0")
    calendar.add("method", entry.method)
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now or datetime.now(UTC).replace(microsecond=0))
    event.add("dtstart", entry.starts_on)
    event.add("dtend", entry.ends_on + timedelta(days=1))
    event.add("summary", entry.title)
    event.add("status", "CANCELLED" if entry.method == "CANCEL" else "CONFIRMED")
    event.add("transp", "OPAQUE")
    for name, text in (("location", entry.place), ("description", entry.description), ("url", entry.url)):
        if text:
            event.add(name, text)
    event.add("organizer", vCalAddress(f"mailto:{organiser}"))
    if attendee:
        name, address = attendee
        person = vCalAddress(f"mailto:{address}")
        person.params["CN"] = vText(name)
        person.params["PARTSTAT"] = vText("ACCEPTED")
        person.params["RSVP"] = vText("FALSE")
        event.add("attendee", person, encode=False)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
