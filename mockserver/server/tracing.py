"""
A span for each request, where OpenTelemetry's SDK is installed and its own variables ask for one.

Nothing here is imported otherwise. `OTEL_TRACES_EXPORTER` (otlp, console, ...) or
`OTEL_EXPORTER_OTLP_ENDPOINT` turns it on, as the OpenTelemetry specification has it;
the caller's `traceparent` is the span's parent, so that the mock's part of a trace
stands where the real API's would.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from mockserver.exchange import Request, Response
from mockserver.server.known import once_known

log = logging.getLogger(__name__)

Handle = Callable[[Request], Response]


def traced(handle: Handle) -> Handle:
    """Return *handle*, with a span for each request where that is asked for."""
    exporter = os.environ.get("OTEL_TRACES_EXPORTER", "")
    asked = exporter or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    if not asked or exporter == "none" or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return handle
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
        log.warning("OTEL_... asks for traces, but there is no opentelemetry-sdk: nothing is traced.")
        return handle
    return _traced(handle, exporter or "otlp")


def _traced(handle: Handle, exporter: str) -> Handle:
    from importlib.metadata import entry_points

    from opentelemetry.propagate import extract
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import SpanKind, Status, StatusCode

    service = os.environ.get("OTEL_SERVICE_NAME", "mockserver")
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    for name in exporter.split(","):
        found = next(iter(entry_points(group="opentelemetry_traces_exporter", name=name.strip())), None)
        if found is None:
            log.warning("OTEL_TRACES_EXPORTER: there is no exporter %r.", name)
            continue
        provider.add_span_processor(BatchSpanProcessor(found.load()()))
    tracer = provider.get_tracer("mockserver")

    def answer(request: Request) -> Response:
        span = tracer.start_span(request.method, context=extract(request.index), kind=SpanKind.SERVER)

        def end(response: Response) -> Response:
            operation = response.header("mock-operation")
            if operation:
                span.update_name(f"{request.method} {operation}")
            attributes: dict[str, Any] = {
                "http.request.method": request.method,
                "url.path": request.path,
                "http.response.status_code": response.status,
                "mock.operation": operation,
                "mock.source": response.header("mock-source"),
                "mock.id": response.header("mock-id"),
            }
            span.set_attributes(attributes)
            if response.status >= 500:
                span.set_status(Status(StatusCode.ERROR))
            span.end()
            return response

        return once_known(handle(request), end)

    return answer
