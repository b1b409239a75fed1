"""Letters to persons: written with the event they tell of, sent by the service's own worker.

A handler puts `letter(...)` into `beside`; a template of `templates/` says what it reads like. What a letter holds in
the outbox are ids; names, addresses and words are looked up when it is sent, and gone from it afterwards.
"""

from .letter import Letter, State, letter, members

__all__ = ["Letter", "State", "letter", "members"]
