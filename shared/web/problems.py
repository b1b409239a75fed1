"""Problem details (RFC 9457) for programs, a page with the same sentence for people."""

import secrets
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from opentelemetry import trace
from pymongo.errors import ConnectionFailure
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from shared.contracts.refused import Refused
from shared.web.addresses import address_of, host_and_path
from shared.web.i18n import _
from shared.web.i18n import mark as _mark
from shared.web.pages import render
from shared.web.rights import NotAllowed, SignInNeeded
from shared.web.security import SECURITY_HEADERS
from shared.web.session import recognise

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"

# The phrases of HTTP change with Python's version; codes stay.
_CODES = {413: "too-large", 422: "invalid", 500: "internal-error"}
_SENTENCES = {
    400: _mark("The request is not understood. Check its address and content."),
    401: _mark("Send a valid API key: `Authorization: Bearer …`."),
    403: _mark("Your roles do not allow this. Ask your coordinator if you need it."),
    404: _mark("There is nothing here, or it is not yours to see. Check the address."),
    405: _mark("This address does not take this method."),
    413: _mark("This is too large. Send less at once."),
    415: _mark("This content type is not taken here."),
    422: _mark("Some of what was sent cannot be used; see the errors."),
    429: _mark("This was asked for too often. Wait a moment, then try again."),
    500: _mark("Something went wrong on our side. Nothing you did is lost; try again in a minute."),
    503: _mark("This is not available for the moment. Try again in a minute."),
}
_TITLES = {
    403: _mark("This is not open to you"),
    404: _mark("This page is not here"),
    413: _mark("This is too large"),
    429: _mark("Please wait a moment"),
    500: _mark("Something went wrong on our side"),
    503: _mark("Not available for the moment"),
}
_OTHER_TITLE = _mark("This did not work")


def wants_problem(request: Request) -> bool:
    """Whether the answer is for a program: an API path, or JSON preferred to HTML."""
    if "/api/" in request.scope["path"]:
        return True
    accept = request.headers.get("accept", "")
    html, json = accept.find("text/html"), accept.find("json")
    return json >= 0 and (html < 0 or json < html)


def problem(status: int, code: str, sentence: str, **members: Any) -> JSONResponse:
    """`type` and `code` are for machines and stay; `detail` is for people."""
    body = {
        "type": f"urn:liaison:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
        "code": code,
        **members,
    }
    return JSONResponse(body, status, media_type=MEDIA_TYPE)


async def answer(request: Request, status: int, code: str, sentence: str, **members: Any) -> Response:
    if wants_problem(request):
        return problem(status, code, sentence, **members)
    try:
        await recognise(request)  # for the header of the page; the page comes without it if need be
    except Exception as error:
        log.debug("visitor unknown on an error page", error=type(error).__name__)
    title = _(_TITLES.get(status, _OTHER_TITLE))
    return render(
        request, "problem.html", status=status, title=title, sentence=_(sentence), trace=members.get("trace_id", "")
    )


async def on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    response = await answer(request, error.status, error.code, error.sentence, **getattr(error, "members", {}))
    if error.status == 503:
        response.headers["Retry-After"] = "2"
    return response


async def on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    phrase = HTTPStatus(status).phrase
    sentence = str(error.detail) if error.detail and error.detail != phrase else _SENTENCES.get(status, phrase)
    code = _CODES.get(status, phrase.lower().replace(" ", "-").replace("'", ""))
    response = await answer(request, status, code, sentence)
    response.headers.update(error.headers or {})
    return response


async def on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return await answer(request, 422, "invalid", _SENTENCES[422], errors=[_pointed(one) for one in error.errors()])


def _pointed(error: dict[str, Any]) -> dict[str, str]:
    """Where (a JSON pointer into the body, or the parameter) and what; never the value, which may be personal."""
    place, *steps = error["loc"] or ("body",)
    message = str(error["msg"]).encode("utf-8", "replace").decode()
    if place == "body":
        tokens = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
        pointer = "#" + "".join(f"/{token}" for token in tokens)
        return {"pointer": pointer.encode("utf-8", "replace").decode(), "detail": message}
    return {"parameter": ".".join(map(str, steps)), "in": str(place), "detail": message}


async def on_sign_in_needed(request: Request, error: Exception) -> Response:
    if wants_problem(request):
        response: Response = problem(401, "unauthorized", _SENTENCES[401])
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    path = address_of(request)
    if request.method not in ("GET", "HEAD"):  # back to the page with the form, not to where it was sent
        host, from_path = host_and_path(request.headers.get("referer", ""))
        path = from_path if host and host == request.headers.get("host") else "/"
    target = f"/sign-in?next={quote(path, safe='/')}"
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


async def on_not_allowed(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotAllowed)
    return await answer(request, 403, "forbidden", _SENTENCES[403], action=error.action)


async def on_store_away(request: Request, error: Exception) -> Response:
    """The database is out of reach for the moment: nobody's mistake, and worth trying again."""
    log.warning("the store is out of reach", path=request.scope["path"], error=type(error).__name__)
    response = await answer(request, 503, "unavailable", _SENTENCES[503])
    response.headers["Retry-After"] = "2"
    return response


async def on_mistake(request: Request, error: Exception) -> Response:
    """What nobody expected: told by its trace id alone, and logged by the server with all it knows."""
    span = trace.get_current_span().get_span_context()
    trace_id = f"{span.trace_id:032x}" if span.is_valid else secrets.token_hex(16)
    log.error("unexpected error", trace_id=trace_id, path=request.scope["path"], error=type(error).__name__)
    try:
        response = await answer(request, 500, "internal-error", _SENTENCES[500], trace_id=trace_id)
    except Exception:  # the page itself is broken: the plain problem always works
        response = problem(500, "internal-error", _SENTENCES[500], trace_id=trace_id)
    response.headers.update(SECURITY_HEADERS)
    return response


def add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(Refused, on_refused)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(SignInNeeded, on_sign_in_needed)
    app.add_exception_handler(NotAllowed, on_not_allowed)
    app.add_exception_handler(ConnectionFailure, on_store_away)
    app.add_exception_handler(Exception, on_mistake)
