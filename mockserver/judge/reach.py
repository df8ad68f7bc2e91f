"""Finds the obligations that a client owes and no drill came to, and the parts of an API that it never uses."""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache

from mockserver.foundation.compression import accepts_gzip
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.responses import Headers
from mockserver.judge.evidence import Evidence
from mockserver.judge.report import ObligationReport
from mockserver.judge.rulings import Severity, State


@dataclass(frozen=True, slots=True)
class Capability:
    """A part of an API that a client may do without."""

    name: str
    obligations: tuple[str, ...]
    """Ids, or families, that only bind who uses it."""
    is_used: Callable[[Evidence], bool]

    def covers(self, obligation: str) -> bool:
        """Tells whether an obligation is about it."""
        return obligation in self.obligations or obligation.partition("-")[0] in self.obligations


def _subscribes(evidence: Evidence) -> bool:
    operation = evidence.adapter.subscribe_operation
    return bool(evidence.attempts) or (operation is not None and any(evidence.calls_of(operation)))


def _writes(evidence: Evidence) -> bool:
    return any(call.entry.operation in evidence.adapter.writes for call in evidence.calls)


def _sends_bodies(evidence: Evidence) -> bool:
    methods = ("POST", "PUT", "PATCH")
    return any(call.entry.method in methods and call.entry.request_bytes for call in evidence.calls)


def _reads_by_id(evidence: Evidence) -> bool:
    operation = evidence.adapter.detail_operation
    return operation is not None and any(evidence.calls_of(operation))


def _follows_pages(evidence: Evidence) -> bool:
    return any(call.page is not None and call.page.next is not None for call in evidence.calls)


def _ends_periods(evidence: Evidence) -> bool:
    requests = (call.page_request for call in evidence.calls)
    return any(request is not None and None not in (request.since, request.until) for request in requests)


def _splits_periods(evidence: Evidence) -> bool:
    periods = {
        (run.number, crawl.feed, crawl.since)
        for run in evidence.runs
        for crawl in run.crawls
        if crawl.since is not None and crawl.until is not None
    }
    return len(periods) > len({(run, feed) for run, feed, _ in periods})


def _verifies_tokens(evidence: Evidence) -> bool:
    operation = evidence.adapter.keys_operation
    return operation is not None and any(evidence.calls_of(operation))


def _offers_gzip(evidence: Evidence) -> bool:
    return any(_offers(call.entry.request_headers) for call in evidence.calls)


@lru_cache(1024)
def _offers(headers: Headers) -> bool:
    return accepts_gzip(dict(headers))


CAPABILITIES = (
    Capability("webhooks", ("HOOK",), _subscribes),
    Capability("writes", ("WRITE",), _writes),
    Capability("requests with a body", ("CONTRACT-03",), _sends_bodies),
    Capability("verification of tokens", ("TOKEN-12",), _verifies_tokens),
    Capability("compressed answers", ("TOLERANCE-07",), _offers_gzip),
    Capability("leads by their id", ("TOLERANCE-06",), _reads_by_id),
    Capability("lists of several pages", ("PAGE-01", "PAGE-03", "PAGE-04", "PAGE-10"), _follows_pages),
    Capability("periods with both bounds", ("PAGE-08",), _ends_periods),
    Capability("several periods in a run", ("PAGE-09",), _splits_periods),
)
"""The parts that a client may do without, and then owes nothing about them."""


def used_capabilities(evidence: Evidence) -> frozenset[str]:
    """Returns the names of the capabilities that the client uses in a drill."""
    return frozenset(capability.name for capability in CAPABILITIES if capability.is_used(evidence))


@dataclass(frozen=True, slots=True)
class Reach:
    """Names what the drills of one provider did not come to."""

    not_reached: tuple[str, ...]
    """Obligations that are a must, that a drill aims at, and that the client never came to."""
    not_used: tuple[str, ...]
    """Capabilities that obligations are about, and that the client never used."""


def reach(obligations: Sequence[ObligationReport], aims: Collection[str], used: Iterable[str]) -> Reach:
    """Compares the obligations of a provider with the aims of the drills that were run."""
    names = frozenset(used)
    missed = [row.id for row in obligations if row.state is State.NOT_REACHED and row.id in aims]
    unused = [
        capability
        for capability in CAPABILITIES
        if capability.name not in names and any(capability.covers(id) for id in missed)
    ]
    owed = {row.id for row in obligations if row.severity is Severity.MUST and not row.added_later}
    not_reached = [id for id in missed if id in owed and not any(capability.covers(id) for capability in unused)]
    return Reach(tuple(not_reached), tuple(capability.name for capability in unused))
