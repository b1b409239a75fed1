"""The indicators of each network: what was planned, done and reached, live and as it was known on any day.

Owns nothing but projections: additive cells, folded from what the other services publish, and their formulas.
Listens to `requests`, `matching` and `events`. Publishes nothing yet.
Shows the Board's page, each figure with its definition, its history and the events behind it, and the operations page.
"""
