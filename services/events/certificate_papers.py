"""A certificate as a person keeps it: a tagged PDF with a QR code, and a signed Open Badges credential."""

import io
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import segno

from services.events.badges.credential import Claim, credential
from services.events.badges.keys import Signer
from services.events.badges.signing import signed
from services.events.domain.certification import Rule
from services.events.queries.certificate import Shown, network_name
from shared.documents.pdf import pdf
from shared.web.formats import span
from shared.web.i18n import _, language

TEMPLATE = Path(__file__).parent / "documents" / "certificate.typ"


def qr(address: str) -> str:
    """A QR code as SVG; it says the address and nothing else."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", xmldecl=False, border=2, scale=4, svgclass=None)
    return out.getvalue().decode()


def address_of(one: Shown, base: str) -> str:
    return f"{base.rstrip('/')}/certificates/{one.id}"


def days(one: Shown) -> str:
    return span(one.starts_on, one.ends_on) if one.starts_on and one.ends_on else ""


def _day(text: str) -> str:
    return span(date.fromisoformat(text), date.fromisoformat(text))


def terms(rule: Rule | None) -> str:
    """What it takes, in words."""
    if rule is None:
        return _("A certificate of each module.")
    said = [_("At least %(share)s per cent of the sessions attended.", share=rule.share)]
    if rule.assessment:
        said.append(_("The assessment passed."))
    if rule.feedback:
        said.append(_("The survey answered."))
    return " ".join(said)


async def as_pdf(one: Shown, name: str, rule: Rule | None, base: str) -> bytes:
    """In the reader's language."""
    state = one.state
    facts = [
        (_("Days"), days(one)),
        (_("Place"), one.place),
        (_("What it took"), terms(rule)),
        (_("Issued on"), _day(state.on)),
        (_("Valid until"), _day(state.expires_on) if state.expires_on else ""),
        (_("Edition"), str(state.edition) if state.edition > 1 else ""),
        (_("Number"), one.number),
    ]
    data = {
        "title": _("Certificate of participation"),
        "network": network_name(one.network),
        "foot": one.number,
        "says": _("This is to certify that"),
        "name": name,
        "took_part": _("completed the learning path") if state.path else _("took part in"),
        "activity": one.title,
        "facts": [list(pair) for pair in facts if pair[1]],
        "modules": list(one.modules),
        "modules_head": _("Modules"),
        "qr": qr(address_of(one, base)),
        "qr_words": _("QR code that leads to the public check of this certificate"),
        "check": _("Whether this certificate counts can be checked by everybody here:"),
        "address": address_of(one, base),
    }
    return await pdf(TEMPLATE, data, language=language())


def as_badge(one: Shown, name: str | None, rule: Rule | None, signer: Signer, base: str) -> dict[str, Any]:
    """The credential; without a name it says of nobody in particular that they took part."""
    state = one.state
    base = base.rstrip("/")
    of = state.activity or state.path or ""
    edition = f"?edition={state.edition}" if state.edition > 1 else ""
    since = datetime.combine(date.fromisoformat(state.on), time(), UTC)
    until = datetime.combine(date.fromisoformat(state.expires_on), time(), UTC) if state.expires_on else None
    claim = Claim(
        id=f"{address_of(one, base)}{edition}",
        subject=f"urn:uuid:{one.number}",
        achievement=f"{base}/certificates/status/{of}#achievement",
        title=one.title,
        narrative=" ".join([terms(rule), *one.modules]),
        since=since,
        until=until,
        status_list=f"{base}/certificates/status/{of}",
        index=state.place(),
        name=name,
    )
    return signed(credential(claim, signer.issuer), signer.key, signer.method, since)
