"""In a service's place where a test is about what runs it: ready at once, says who it is, streams one event."""

import asyncio
import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route


async def say_who(request: Request) -> JSONResponse:
    return JSONResponse({"service": request.url.path.split("/")[1], "replica": os.environ["LIAISON_REPLICA"]})


async def stream(request: Request) -> StreamingResponse:
    async def events():
        yield "data: first\n\n"
        await asyncio.Event().wait()

    return StreamingResponse(events(), media_type="text/event-stream")


app = Starlette(routes=[Route("/kpi/live", stream), Route("/{path:path}", say_who)])
