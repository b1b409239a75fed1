"""Administration: the persons of a network, its API keys, who did what, and who read whose data."""

from . import audit, keys, persons, reads, vault

routers = (keys.router, audit.router, reads.router, vault.router, persons.router)
"""Carried by every service that has the vault; the front door sends `/admin` to `requests`."""
