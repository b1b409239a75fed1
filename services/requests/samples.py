"""A sample export of EUSurvey to try the intake with, made of the network's own words."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from shared.forms import eusurvey
from shared.profiles import Profile

from .domain.kinds import Kind
from .intake import HEADERS
from .offered import kinds_of, profile_of

SAMPLE_FIELDS = (
    "contribution", "member", "kind", "title", "description", "topic", "target_groups", "audience", "participants",
    "language", "mode", "host_place", "quarter_wished",
)  # fmt: skip


def sample(network: str, member: str | None, year: int) -> bytes:
    """An export of this network's requests, as EUSurvey writes it; `member` asks where given, else the first ones."""
    headers = [HEADERS[field][0] for field in SAMPLE_FIELDS]
    exported = datetime(year - 1, 12, 1, 9, tzinfo=UTC)
    rows = [[row.get(field, "") for field in SAMPLE_FIELDS] for row in _sample_rows(network, member, year)]
    return eusurvey.write(f"{network}-requests-{year}", exported, headers, rows)


def _sample_rows(network: str, member: str | None, year: int) -> Iterator[dict[str, str]]:
    profile = profile_of(network)
    members: Sequence[str] = [member] if member else _first(profile)
    kinds = [kind for kind in kinds_of(network).values() if kind.offered and not (kind.to_call or kind.required)][:3]
    for number, kind in enumerate(kinds):
        asker = members[number % len(members)]
        yield _sample_row(profile, kind, asker, year, number)


def _first(profile: Profile) -> Sequence[str]:
    first = [code for code in ("BG", "EL", "PT") if code in profile.member_codes]
    return first or profile.member_codes[:3]


_SAMPLE_TITLES = {
    "training-in-host-member-state": "Induction training for newly appointed inspectors",
    "mediation-training": "Mediation procedure in practice",
    "ad-hoc-training": "Letterbox companies, advanced",
}


def _sample_row(profile: Profile, kind: Kind, asker: str, year: int, number: int) -> dict[str, str]:
    def labelled(field: str, place: int = 0) -> str:
        choices = list(kind.choices.get(field, {}).items())
        if field not in kind.takes or len(choices) <= place:
            return ""
        code, label = choices[place]
        return f"{label}({code})"

    title = _SAMPLE_TITLES.get(kind.id, f"{kind.title}: an example")
    groups = [one for one in (labelled("target_groups", 0), labelled("target_groups", 1)) if one]
    own = profile.member(asker)
    return {
        "contribution": str(uuid5(NAMESPACE_URL, f"{profile.id}/{asker}/{kind.id}/{year}")),
        "member": f"{own.name if own else asker}({asker})",
        "kind": kind.title,
        "title": title,
        "description": "Written by the sample; change it to what you need.",
        "topic": labelled("topic", number + 2),
        "target_groups": eusurvey.SEPARATOR.join(groups),
        "audience": "Colleagues in their first year",
        "participants": str(60 - 15 * number) if "participants" in kind.takes else "",
        "language": _sample_language(profile, kind, asker),
        "mode": "On site" if "mode" in kind.takes else "",
        "host_place": "",
        "quarter_wished": f"{year}-Q{number + 2}" if "quarter_wished" in kind.takes else "",
    }


def _sample_language(profile: Profile, kind: Kind, asker: str) -> str:
    if "language" not in kind.takes:
        return ""
    own = {"BG": "bg", "EL": "el", "PT": "pt"}.get(asker, profile.languages[0])
    return f"{kind.choices['language'].get(own, own)}({own})"
