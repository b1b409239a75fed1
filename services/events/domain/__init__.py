"""What `events` decides: pure functions over frozen states."""
