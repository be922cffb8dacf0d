"""Traces reach a collector over OTLP when one is set."""

from collections.abc import Callable

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from deploy.local.processes import Process
from deploy.local.waiting import wait_until
from tests.integration.notify.receiver import Receiver, receiving
from tests.integration.rpc.conftest import Scenario


class TestTracing:
    def test_a_call_and_its_sql_are_one_trace(self, start_echo: Callable[..., Process], run: Scenario) -> None:
        with receiving() as collector:
            echo = start_echo(CRM_OTLP_ENDPOINT=collector.url.partition("/hooks")[0])
            run("rolled_back")
            wait_until(
                lambda: {"answer echo.count", "SQL SELECT"} <= {span.name for span in _spans(collector)},
                limit=30,
                otherwise="no spans arrive",
            )
            echo.stop()
        answers = [span for span in _spans(collector) if span.name == "answer echo.count"]
        queries = [span for span in _spans(collector) if span.parent_span_id == answers[0].span_id]
        assert [span.name for span in queries] == ["SQL SELECT"]
        assert queries[0].trace_id == answers[0].trace_id


def _spans(collector: Receiver) -> list[Span]:
    found = []
    for _, body in collector.got:
        request = ExportTraceServiceRequest()
        request.ParseFromString(body)
        found += [span for each in request.resource_spans for scope in each.scope_spans for span in scope.spans]
    return found
