"""Requests and the annual plan that answers them.

Owns: requests (what members ask for, and its fate), annual plans (lines, quarters, activities, adoption), analyses of
needs and their age, figures from outside, projects.
Publishes: `request.*`, `plan.*`, `needs.*`, `evaluation.*`, `agenda.*`, `reading.*`, `project.*`;
`plan.activity-planned` is what `events` schedules.
Listens to: `events` (an activity announced, scheduled, held, cancelled: its request is fulfilled by the held one;
feedback, which tells of needs), `matching` (what became of an exchange).
Shows: the NLO's desk, the request's story, the triage board, the plan, the matrix of needs, a member's year, the intake
of EUSurvey exports.
"""
