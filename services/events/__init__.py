"""`events`: activities from the day they are known until their feedback.

Owns: activities (announced, scheduled, open, closed, held, cancelled) with their places, registrations and waitlists;
attendance; surveys with one-time tokens; connections of form tools that send registrations; good practices with their
annual call; restricted alerts.
Publishes: `liaison.events.activity.*`, `registration.*`, `attendance.*`, `survey.*`, `feedback.*`,
`practice.*`, `alert.*`.
Listens to: `requests` (an activity joins or leaves the plan), `matching` (an exchange is agreed or cancelled).
Shows: the catalogue, an activity's page, the organiser's desk, the feedback form, the library of good practices and
the map of their reuse, the restricted channel.
"""
