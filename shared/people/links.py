"""The personal link to one's own data: sealed, good for 30 days, and opening nothing else."""

from shared.settings import Settings
from shared.web.sealed import Sealer

DAYS = 30


def my_data_path(settings: Settings, person: str) -> str:
    return f"/account/data?link={Sealer(settings, 'my-data').seal(person).decode()}"


def person_of_link(settings: Settings, link: str) -> str | None:
    """Whose data it opens; None where it was not made here, or is too old."""
    person = Sealer(settings, "my-data").open(link, max_age_s=DAYS * 86400)
    return person if isinstance(person, str) else None
