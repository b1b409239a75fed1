"""Pure decisions: what becomes of a request, and of the annual plan."""
