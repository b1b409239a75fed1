"""A command that is not accepted, and what to do about it."""


class Refused(Exception):
    """`code` for machines, `sentence` for people: it says what to do. Becomes problem+json with `status`."""

    def __init__(self, code: str, sentence: str, *, status: int = 409) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.status = code, sentence, status
