"""What is news, which a person may take daily or not at all, and what they must know."""

from shared.web.i18n import mark

TOPICS: dict[str, str] = {
    "requests": mark("News of your requests"),
    "exchanges": mark("News of your exchanges"),
    "activities": mark("New activities for your member"),
    "feedback": mark("Invitations to give feedback"),
}

NEWS: dict[str, str] = {
    "request-planned": "requests",
    "request-deferred": "requests",
    "request-withdrawn": "requests",
    "exchange-answered": "exchanges",
    "activity-opened": "activities",
    "feedback-invited": "feedback",
    "feedback-reminder": "feedback",
    "follow-up-invited": "feedback",
}
"""Kinds that are news, by topic. Every other kind is about the person's own place, answer or account: it comes at once,
and there is nothing to unsubscribe from."""
