"""What may be asked of who registers."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.events.commands.words import AboutActivity, Text

MOST_QUESTIONS, MOST_OPTIONS = 20, 20
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Label = Annotated[Text, Field(min_length=1, max_length=200)]


class Asked(BaseModel):
    """A question; asked where `when`, an earlier one, was answered by `among`, else always."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    id: Name
    title: Label
    kind: Literal["choice", "words"] = "words"
    options: Annotated[tuple[Label, ...], Field(max_length=MOST_OPTIONS)] = ()
    required: bool = False
    when: Name | Literal[""] = ""
    among: tuple[Label, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.kind == "choice") != (len(self.options) > 1):
            raise ValueError("Give a choice at least two options, and words none.")
        return self

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The options as a form offers them."""
        return [(one, one) for one in self.options]

    def applies(self, answers: dict[str, str]) -> bool:
        return not self.when or answers.get(self.when, "") in self.among


class AskQuestions(AboutActivity):
    questions: Annotated[tuple[Asked, ...], Field(max_length=MOST_QUESTIONS)] = ()

    @model_validator(mode="after")
    def _conditions_name_earlier_ones(self) -> Self:
        known: dict[str, Asked] = {}
        for one in self.questions:
            if one.id in known:
                raise ValueError("Two questions have the same name.")
            if one.when and (one.when not in known or not set(one.among) <= set(known[one.when].options)):
                raise ValueError("A condition names an earlier choice and some of its options.")
            known[one.id] = one
        return self
