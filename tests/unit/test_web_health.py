"""Readiness asks every probe, and a probe that breaks counts as one that says no."""

import httpx
from fastapi import FastAPI

from shared.web.health import health_router


async def well() -> str | None:
    return None


async def lagging() -> str | None:
    return "4,000 messages behind"


async def relay() -> str | None:
    raise ConnectionError("no broker")


async def test_not_ready_says_every_reason():
    app = FastAPI()
    app.include_router(health_router([well, lagging, relay]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
        answer = await http.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["4,000 messages behind", "relay: ConnectionError"]
