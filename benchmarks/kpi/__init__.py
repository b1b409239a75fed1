"""Indicators against the log: a million events into all of them, beside others that count the same cells."""
