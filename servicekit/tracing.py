"""OpenTelemetry traces from HTTP through RPC and events to SQL, when CRM_OTLP_ENDPOINT says where they go.

Without it nothing of OpenTelemetry is imported, and a span costs one comparison. The W3C traceparent travels in either
case: in HTTP and RPC headers, and in events.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Engine, event

from servicekit import context
from servicekit.settings import Settings

_NOTHING: AbstractContextManager[None] = nullcontext()
_tracer: Any = None


def start(process: str, settings: Settings) -> None:
    """Begin to trace this process, if an endpoint is set."""
    global _tracer
    if settings.otlp_endpoint is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": process}))
    exporter = OTLPSpanExporter(f"{settings.otlp_endpoint}/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    _tracer = provider.get_tracer("tideline")
    event.listen(Engine, "before_cursor_execute", _begin_sql)
    event.listen(Engine, "after_cursor_execute", _end_sql)


def span(name: str) -> AbstractContextManager[None]:
    """Trace the enclosed as a child of the work in hand, and hand itself on as the parent of what it calls."""
    return _NOTHING if _tracer is None else _span(name)


@contextmanager
def _span(name: str) -> Iterator[None]:
    before = context.current().traceparent
    with _tracer.start_as_current_span(name, context=_parent(before)) as current:
        current.set_attribute("crm.request_id", context.current().request_id)
        context.amend(traceparent=_traceparent(current))
        try:
            yield
        finally:
            context.amend(traceparent=before)


def _parent(traceparent: str) -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": traceparent} if traceparent else {})


def _traceparent(current: Any) -> str:
    found = current.get_span_context()
    return f"00-{found.trace_id:032x}-{found.span_id:016x}-{found.trace_flags:02x}"


def _begin_sql(
    _connection: Any, _cursor: Any, statement: str, _parameters: Any, execution: Any, _executemany: bool
) -> None:
    words = statement.split(None, 1)
    execution.traced = _tracer.start_span(
        f"SQL {words[0].upper() if words else ''}", context=_parent(context.current().traceparent)
    )
    execution.traced.set_attribute("db.query.text", statement)


def _end_sql(
    _connection: Any, _cursor: Any, _statement: str, _parameters: Any, execution: Any, _executemany: bool
) -> None:
    execution.traced.end()
