"""Links for participants without an account: signed, expiring, revocable; each opens one registration, nothing else.

The link names the registration and the number of its present link, kept in `registration_links`; a new number makes
every earlier link worthless. Nothing is stored of the link itself.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from shared.contracts.refused import Refused
from shared.mongo import Database, Session
from shared.settings import Settings

COLLECTION = "registration_links"
LONGEST_DAYS = 500
"""By the real clock, whatever day an activity is put off to."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What a link names."""

    activity: str
    registration: str
    number: int


class Passes:
    def __init__(self, db: Database, settings: Settings) -> None:
        self._links, self._days = db[COLLECTION], settings.mail_link_days
        self._signer = URLSafeTimedSerializer(settings.secret.get_secret_value(), salt="registration")

    async def path(self, activity: str, registration: str) -> str:
        """The address, within this installation, that opens this registration now."""
        names = activity.removeprefix("activity-"), registration.removeprefix("registration-")
        return f"/events/mine/{self._signer.dumps([*names, await self._number(registration)])}"

    async def renew(self, registration: str, network: str, session: Session | None = None) -> None:
        """Make every link that was sent so far worthless."""
        changed = {"$inc": {"number": 1}, "$setOnInsert": {"network": network}}
        await self._links.update_one({"_id": registration}, changed, upsert=True, session=session)

    async def read(self, token: str) -> Pass:
        """What the link opens; refused where it was not made here, is too old or was replaced."""
        try:
            activity, registration, number = self._signer.loads(token, max_age=LONGEST_DAYS * 24 * 3600)
        except SignatureExpired:
            raise expired() from None
        except (BadData, ValueError, TypeError):
            sentence = "This link is not complete. Open it from the letter again."
            raise Refused("link-unknown", sentence, status=404) from None
        found = Pass(f"activity-{activity}", f"registration-{registration}", number)
        if await self._number(found.registration) != number:
            raise Refused("link-replaced", "There is a newer link. Open the one in your last letter.", status=410)
        return found

    def demand_recent(self, ends_on: date | None, today: date) -> None:
        """Refuse a link to what was over long ago."""
        if ends_on and today > ends_on + timedelta(days=self._days):
            raise expired()

    async def _number(self, registration: str) -> int:
        found = await self._links.find_one({"_id": registration})
        return int(found["number"]) if found else 0


def expired() -> Refused:
    return Refused("link-expired", "This link is too old. Ask the organiser for a new one.", status=410)
