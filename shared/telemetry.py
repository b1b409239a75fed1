"""Traces by OpenTelemetry: from the request through the event's header to those who hear it."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import getrandbits

import structlog
from opentelemetry import context as otel_context
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from starlette.types import ASGIApp, Receive, Scope, Send

_tracer = trace.get_tracer("liaison")


def configure_tracing(service: str) -> None:
    """Give every request and message a trace; exporters are the operator's, by OpenTelemetry's own variables."""
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(TracerProvider(resource=Resource({"service.name": service})))


def traceparent() -> str | None:
    """The current trace in W3C form, as it goes into an event."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


@contextmanager
def continued(name: str, parent: str | None, **bound: str) -> Iterator[None]:
    """Go on with the trace of a message; `bound` (such as the event's id) joins each log line meanwhile."""
    context = propagate.extract({"traceparent": parent}) if parent else None
    with _tracer.start_as_current_span(name, context=context), structlog.contextvars.bound_contextvars(**bound):
        yield


def _recorded() -> bool:
    """Whether spans go anywhere: an operator's exporter, or none."""
    provider = trace.get_tracer_provider()
    processor = getattr(provider, "_active_span_processor", None)
    return bool(getattr(processor, "_span_processors", True))


def _unrecorded(context: Context | None) -> trace.Span:
    """A span that only has ids, under the caller's: what an event's header needs, at a tenth of the cost."""
    parent = trace.get_current_span(context).get_span_context()
    trace_id = parent.trace_id if parent.is_valid else getrandbits(128)
    flags = parent.trace_flags if parent.is_valid else trace.TraceFlags(trace.TraceFlags.SAMPLED)
    return trace.NonRecordingSpan(trace.SpanContext(trace_id, getrandbits(64), is_remote=False, trace_flags=flags))


class Traced:
    """ASGI middleware: a span a request, under the caller's trace where it sends one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"), None)
        context = propagate.extract({"traceparent": given}) if given else None
        if not _recorded():
            token = otel_context.attach(trace.set_span_in_context(_unrecorded(context)))
            try:
                await self.app(scope, receive, send)
            finally:
                otel_context.detach(token)
            return
        # The first part of the path alone: what follows may be a link that is somebody's right.
        place = "/" + scope["path"].lstrip("/").partition("/")[0]
        with _tracer.start_as_current_span(f"{scope['method']} {place}", context=context):
            await self.app(scope, receive, send)
