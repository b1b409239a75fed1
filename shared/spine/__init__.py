"""The event spine: store, relay, consumer, deadlines, dead letters; exactly once from end to end."""
