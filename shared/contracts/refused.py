"""A command that is not accepted, and what to do about it."""

from collections.abc import Mapping


class Sentence(str):
    """A sentence in English that knows how it was made, so that it can be said again in another language."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object] | None = None) -> "Sentence":
        said = super().__new__(cls, template % values if values else template)
        said.template, said.values = template, values or {}
        return said


class Refused(Exception):
    """`code` for machines, `sentence` for people: it says what to do. Becomes problem+json with `status`.

    What differs from case to case stands in the sentence as `%(name)s` and is given by name, so that the sentence
    can be translated. A value that is a `Sentence` is translated too.
    """

    def __init__(self, code: str, sentence: str, *, status: int = 409, **values: object) -> None:
        self.sentence = Sentence(sentence, values)
        super().__init__(str(self.sentence))
        self.code, self.status = code, status
