"""Pure decisions on calls, interests, offers and exchanges, and the solver.

No framework here; `ortools` is let in for the solver alone, since the engine is made of it as a ledger is of numbers:
it takes data and gives data, without a clock, a file or a connection.
"""
