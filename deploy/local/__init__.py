"""The embedded stack: a real MongoDB, a real Kafka and the front door out of Python wheels, on this machine alone."""
