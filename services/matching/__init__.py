"""Staff exchanges and study visits: who goes where, decided once over everything and explained to everyone.

Owns calls, interests, offers, runs and exchanges. Publishes `call.*`, `interest.*`, `offer.*`, `exchange.*`.
Listens to `events` (an exchange was held or cancelled). Shows the member's exchanges, the call desk, a run with its
reasons, an exchange with its answers.
"""
