"""Requests and the annual plan that answers them.

Owns: requests (what members ask for, and its fate), annual plans (lines, quarters, activities, adoption).
Publishes: `request.*`, `plan.*`; `plan.activity-planned` is what `events` schedules.
Listens to: `events` (an activity scheduled, held, cancelled: its request is fulfilled by the held one).
Shows: the NLO's desk, the request's story, the triage board, the plan, the intake of EUSurvey exports.
"""
