"""The one place that knows names and addresses; everything else carries a random id.

Collections of the database `<namespace>_people`: `persons` (name, address, roles, member, network) and `keys` (the
hash of an API key and what it may do).
"""

from .keys import Key, Keys
from .person import Person, Role, normal_address
from .vault import People

__all__ = ["Key", "Keys", "People", "Person", "Role", "normal_address"]
