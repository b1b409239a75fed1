"""Reports of Teams, Webex and Zoom as the tools write them."""

import pytest

from services.events.reports import Attended, Matched, matched, read
from services.events.web.reports import MOST_SHOWN, to_look_at
from shared.contracts.refused import Refused

TEAMS = "\n".join([
    "1. Summary",
    "Meeting title\tPosting",
    "Meeting duration\t2h 0m 0s",
    "",
    "2. Participants",
    "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole",
    "Anna Petrova\t6/4/24, 9:00:00 AM\t6/4/24, 11:00:00 AM\t1h 30m 0s\tanna@example.eu\tanna@example.eu\tPresenter",
    "Boris (Guest)\t6/4/24, 9:05:00 AM\t6/4/24, 9:35:00 AM\t30m 0s\t\t\tAttendee",
    "",
    "3. In-Meeting Activities",
    "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole",
    "Anna Petrova\t6/4/24, 9:00:00 AM\t6/4/24, 10:00:00 AM\t1h\tanna@example.eu\tPresenter",
    "Anna Petrova\t6/4/24, 10:30:00 AM\t6/4/24, 11:00:00 AM\t30m\tanna@example.eu\tPresenter",
    "Boris (Guest)\t6/4/24, 9:05:00 AM\t6/4/24, 9:35:00 AM\t30m\t\tAttendee",
])  # fmt: skip
TEAMS_BEFORE = "\n".join([
    "Full Name\tUser Action\tTimestamp",
    "Anna Petrova\tJoined\t4/6/2024, 09:00:00",
    "Anna Petrova\tLeft\t4/6/2024, 09:40:00",
    "Anna Petrova\tJoined\t4/6/2024, 10:00:00",
    "Anna Petrova\tLeft\t4/6/2024, 11:00:00",
])  # fmt: skip
ZOOM = "\n".join([
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent",
    'Anna Petrova (Anna),Anna@example.eu,06/04/2024 09:00:00 AM,06/04/2024 10:30:00 AM,90,Yes,',
    'Anna Petrova (phone),anna@example.eu,06/04/2024 10:00:00 AM,06/04/2024 11:00:00 AM,60,Yes,',
    '"Boris, Ivanov",,06/04/2024 09:00:00 AM,06/04/2024 09:20:00 AM,20,Yes,',
])  # fmt: skip
WEBEX = "\n".join([
    "Meeting Name\tMeeting Start Time\tMeeting End Time\tDisplay Name\tFirst Name\tLast Name\tRole\tAttendee Email"
    "\tJoin Time\tLeave Time\tAttendance Duration\tConnection Type",
    '"Posting"\t="2024-06-04 09:00:00"\t="2024-06-04 11:00:00"\t"Anna P."\t"Anna"\t"Petrova"\tattendee'
    '\t="anna@example.eu"\t="2024-06-04 09:00:00"\t="2024-06-04 10:35:00"\t="95 mins"\tDesktop',
])  # fmt: skip


def minutes(content: bytes) -> dict[str, int]:
    return {one.email or one.name: one.seconds // 60 for one in read(content).participants}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-16-le"])
def test_teams_tells_each_stay(encoding: str) -> None:
    found = read(TEAMS.encode(encoding))
    assert minutes(TEAMS.encode(encoding)) == {"anna@example.eu": 90, "Boris (Guest)": 30}
    assert found.seconds == 120 * 60


def test_teams_as_it_was_before() -> None:
    assert minutes(TEAMS_BEFORE.encode("utf-16")) == {"Anna Petrova": 100}


def test_zoom_stays_that_overlap_count_once() -> None:
    assert minutes(ZOOM.encode("utf-8-sig")) == {"anna@example.eu": 120, "Boris, Ivanov": 20}


def test_webex() -> None:
    assert minutes(WEBEX.encode("utf-16")) == {"anna@example.eu": 95}


def test_a_cell_without_end_is_no_report() -> None:
    with pytest.raises(Refused, match="No list of participants"):
        read(b'Name,Duration\n"' + b"a" * 200_000)


def test_who_is_certain_is_always_shown() -> None:
    sure = [Matched(Attended(f"s{one}", "", 1), f"r{one}", certain=True) for one in range(MOST_SHOWN + 1)]
    proposed = Matched(Attended("p", "", 1), "r")
    found = [*[Matched(Attended(f"o{one}", "", 1)) for one in range(MOST_SHOWN)], proposed, *sure]
    shown, left_out = to_look_at(found)
    assert (left_out, len(shown)) == (1, 2 * MOST_SHOWN + 1)
    assert {proposed, *sure} <= set(shown)


def test_what_is_no_report_is_refused() -> None:
    for content in (b"", b"\xff\xfe\x00", b"Name,Town\nAnna,Sofia\n", b"%PDF-1.7", bytes(range(256))):
        with pytest.raises(Refused, match="No list of participants"):
            read(content)


def test_nobody_is_guessed() -> None:
    persons = {
        "r1": ("Anna Petrova", "anna@example.eu"),
        "r2": ("Boris Ivanov", "boris@example.eu"),
        "r3": ("Eva Novak", "eva.1@example.eu"),
        "r4": ("Eva Novak", "eva.2@example.eu"),
    }
    report = read(ZOOM.encode())
    there = (
        Attended("A. P.", "anna@example.eu", 60),
        Attended("boris  IVANOV (Guest)", "", 60),
        Attended("Eva Novak", "", 60),
        Attended("Anna Petrova", "", 60),
    )
    found = {one.participant.name: one for one in matched(type(report)(there, 3600), persons)}
    assert (found["A. P."].registration, found["A. P."].certain) == ("r1", True)
    assert (found["boris  IVANOV (Guest)"].registration, found["boris  IVANOV (Guest)"].certain) == ("r2", False)
    assert found["Eva Novak"].registration == ""
    assert found["Anna Petrova"].registration == "", "who is there by address is not there once more by name"
