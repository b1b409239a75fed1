"""What is shown of codes at the door."""

import base64

from fastapi import Request

from services.events.certificate_papers import qr
from services.events.door import Door, shown

from .asked import service_of


def door_of(request: Request) -> Door:
    return Door(service_of(request).settings)


def picture(address: str) -> str:
    """A QR code as a page may show it under its content security policy."""
    return "data:image/svg+xml;base64," + base64.b64encode(qr(address).encode()).decode()


def own_code(request: Request, activity: str, registration: str) -> dict[str, str]:
    """What a registrant shows at the door: the code, and the picture that says no more than it."""
    code = door_of(request).code(registration)
    base = service_of(request).settings.base_url.rstrip("/")
    return {"code": shown(code), "picture": picture(f"{base}/events/{activity}/check-in?code={code}")}
