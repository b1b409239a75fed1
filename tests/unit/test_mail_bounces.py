"""Delivery reports as mail servers write them, and what only looks like one."""

import pytest

from shared.messages.bounces import read_report

OWN = "<requests." + "a1" * 20 + "@example.eu>"
REPORT = """From: MAILER-DAEMON@mx.example.eu
To: bounces@example.eu
Subject: Undelivered Mail Returned to Sender
Message-ID: <20260101.1@mx.example.eu>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I am sorry: user unknown.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.eu

Original-Recipient: rfc822;Anna@example.eu
Final-Recipient: rfc822; anna@backend.example.eu
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 unknown

--b
{returned}
--b--
"""
COPY = f"Content-Type: message/rfc822\n\nFrom: liaison@example.eu\nMessage-ID: {OWN}\nSubject: Hello\n\nHello\n"
HEADERS = f"Content-Type: text/rfc822-headers\n\nFrom: liaison@example.eu\nMessage-ID: {OWN}\n"


def report(action="failed", status="5.1.1", returned=COPY) -> bytes:
    return REPORT.format(action=action, status=status, returned=returned).replace("\n", "\r\n").encode()


@pytest.mark.parametrize("returned", [COPY, HEADERS], ids=["the whole mail", "its headers"])
def test_a_failure_names_the_letter_the_recipient_and_the_status(returned):
    found = read_report(report(returned=returned))
    assert found is not None
    assert (found.message, found.status) == (OWN, "5.1.1")
    assert "anna@example.eu" in found.recipients


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", ""])
def test_what_did_not_fail_is_no_bounce(action):
    assert read_report(report(action=action)) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff" * 100,
        b"Subject: Out of office\r\n\r\nI am away until Monday.",
        f"Message-ID: {OWN}\r\nSubject: hi\r\n\r\nMessage-ID: {OWN}".encode(),
        report(returned="Content-Type: text/plain\n\nMessage-ID: " + OWN),
        report(returned=COPY.replace("requests.", "nowhere.")),
        report(returned=COPY.replace(OWN, "<someone@else>")),
        report()[:500],
    ],
    ids=["empty", "bytes", "absence", "own id", "text", "no place", "another's", "cut off"],
)
def test_what_is_no_report_of_a_letter_of_ours_changes_nothing(raw):
    assert read_report(raw) is None


def test_a_status_that_is_none_counts_as_a_failure_without_blame():
    found = read_report(report(status="what ever"))
    assert found is not None
    assert found.status == "5.0.0"
