"""Somebody signed in without the sign-in page and without a database."""

import httpx
from fastapi import FastAPI
from starlette.responses import Response

from shared.profiles.persons import local_persons
from shared.web.identity import LocalPersons
from tests.support.sessions import SessionsInMemory


async def signed_in(app: FastAPI, client: httpx.AsyncClient, subject: str) -> None:
    """The client carries the cookie of this ready-made person from here on."""
    if not isinstance(app.state.sessions.store, SessionsInMemory):
        app.state.sessions.store = SessionsInMemory()
        app.state.identity = LocalPersons(local_persons)
    response = Response()
    await app.state.sessions.open(response, subject)
    name, value = response.headers["set-cookie"].split(";")[0].split("=", 1)
    client.cookies.set(name, value)
