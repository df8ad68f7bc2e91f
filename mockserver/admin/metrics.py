"""Metrics of this process, in Prometheus' text format."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from mockserver.admin.context import Context
from mockserver.admin.services import Services
from mockserver.foundation.extras import needs_extra
from mockserver.foundation.problems import Problem
from mockserver.foundation.version import __version__
from mockserver.sandbox.sandbox import SandboxGone

if TYPE_CHECKING:
    from prometheus_client.core import Metric


def get_metrics(context: Context) -> Any:
    """Show metrics of this process, for Prometheus"""
    with needs_extra("the list of metrics", "metrics", "prometheus_client", _refuse):
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

    context.services.sandboxes.sweep_if_due()
    registry = CollectorRegistry()
    registry.register(_Collector(context.services, context.api.streams.count()))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _refuse(sentence: str) -> Problem:
    return Problem(501, "not_installed", f"{sentence[0].upper()}{sentence[1:]}")


class _Collector:
    """Reads the counts of a server at each scrape."""

    def __init__(self, services: Services, streams: int) -> None:
        self._services = services
        self._streams = streams

    def collect(self) -> Iterable["Metric"]:
        """All metric families, as prometheus_client's protocol of a collector wants them."""
        yield from self._sandboxes()
        yield from self._calls()
        yield from self._deliveries()
        yield from self._journal()

    def _sandboxes(self) -> Iterator["Metric"]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        sandboxes = self._services.sandboxes
        build = GaugeMetricFamily("mockserver_build_info", "Which release this is; always 1.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        yield GaugeMetricFamily(
            "mockserver_sandboxes", "Sandboxes that there are, the default one too.", value=len(sandboxes.ids())
        )
        yield CounterMetricFamily(
            "mockserver_sandboxes_created", "Sandboxes made by this process.", value=sandboxes.created
        )
        yield CounterMetricFamily(
            "mockserver_sandboxes_expired", "Sandboxes dropped because nobody called them.", value=sandboxes.expired
        )

    def _calls(self) -> Iterator["Metric"]:
        from prometheus_client.core import CounterMetricFamily

        counts = self._services.sandboxes.metrics
        calls = CounterMetricFamily(
            "mockserver_calls",
            "Calls answered; the operation is empty when none matched.",
            labels=["provider", "operation", "status"],
        )
        for (provider, operation, status), number in sorted(counts.calls.items()):
            calls.add_metric([provider, operation, str(status)], number)
        yield calls
        violations = CounterMetricFamily(
            "mockserver_violations", "Rules of contracts that calls broke.", labels=["provider"]
        )
        for provider, number in sorted(counts.violations.items()):
            violations.add_metric([provider], number)
        yield violations
        faults = CounterMetricFamily("mockserver_faults", "Calls that met a fault.", labels=["provider", "kind"])
        for (provider, kind), number in sorted(counts.faults.items()):
            faults.add_metric([provider, kind], number)
        yield faults
        failures = CounterMetricFamily(
            "mockserver_failures",
            "Calls that failed inside the server; the provider is empty for its own pages.",
            labels=["provider"],
        )
        for provider, number in sorted(counts.failures.items()):
            failures.add_metric([provider], number)
        yield failures

    def _deliveries(self) -> Iterator["Metric"]:
        from prometheus_client.core import CounterMetricFamily

        attempts = CounterMetricFamily(
            "mockserver_webhook_attempts",
            "Attempts to deliver webhooks, and what each made of its delivery.",
            labels=["provider", "state"],
        )
        for (provider, state), number in sorted(self._services.dispatcher.counts.items()):
            attempts.add_metric([provider, state.value], number)
        yield attempts

    def _journal(self) -> Iterator["Metric"]:
        from prometheus_client.core import GaugeMetricFamily

        total = evicted = 0
        for sandbox in self._services.sandboxes.all_loaded():
            # One that another process deleted has no journal any more.
            with suppress(SandboxGone), sandbox.transaction():
                total, evicted = total + sandbox.journal.total, evicted + sandbox.journal.evicted
        yield GaugeMetricFamily(
            "mockserver_journal_entries", "Calls that journals keep, of the sandboxes at hand.", value=total - evicted
        )
        yield GaugeMetricFamily(
            "mockserver_journal_evicted", "Calls that had to make room since these were last cleared.", value=evicted
        )
        yield GaugeMetricFamily("mockserver_streams", "Streams of journals that are open.", value=self._streams)
