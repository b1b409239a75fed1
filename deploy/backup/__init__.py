"""Store and log in one file, and back again.

The store is read at one moment of MongoDB's clock (a snapshot session) while the services run, then the log, which by
then has everything that was worked at that moment. What the log has beyond that moment is left out; what the store has
beyond the log is sent by the relay at its next start, as after any stop. `places` moves what refers to the log's
offsets: a new log counts without the gaps that transactions leave.
"""
