"""What may be said in the survey."""

from typing import Annotated

from pydantic import Field

from services.events.commands.words import AboutActivity, Words


class GiveFeedback(AboutActivity):
    """An answer without a name; `voucher` is the hash of the one-time token."""

    voucher: str
    relevance: Annotated[int, Field(ge=1, le=5)]
    added_value: Annotated[int, Field(ge=1, le=5)]
    words: Words = ""
