"""Staff exchanges and study visits: who goes where, decided once over everything and explained to everyone.

Owns calls, interests, offers, runs and exchanges; experts with what activities need of them; project ideas and who
joins them; mobility promoters and their meetings. Publishes `call.*`, `interest.*`, `offer.*`, `exchange.*`,
`roster.*`, `expert.*`, `demand.*`, `idea.*`, `partner.*`, `promoter.*`, `meeting.*`, `market.*`.
Listens to `events` (an exchange was held or cancelled) and `requests` (one joins a call, or is withdrawn). Shows the
member's exchanges, the call desk, a run with its reasons as a table and a map, two runs side by side, what more places
or money would bring, an exchange from its proposal to both sides' reports, the hosting agreement.
"""
