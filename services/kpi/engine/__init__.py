"""From messages to figures: measures make deltas, cells add them up, formulas read the sums.

`measures` and `compiling` turn definitions into one straight function per event type; `reading` folds messages into
deltas; `cells` keeps them in blocks; `sink` writes blocks and offsets together; `merging` brings the partitions and
replicas together; `following` reads what the other replicas wrote; `explaining` finds the events behind a figure.
"""
