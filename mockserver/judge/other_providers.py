"""Finds the runs that ended for what another provider answered, which are no evidence about the judged one."""

from collections.abc import Sequence
from itertools import takewhile

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Run


def runs_of_evidence(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Returns the runs before the first that another provider ended: later ones go on from where that one stopped."""
    return tuple(takewhile(lambda run: not ended_after(run), runs))


def ended_after(run: Run) -> str:
    """Returns the call of another provider that ended a run, such as `seeker: GET /leads 401`; empty when none did.

    A run that failed has its reason there if that provider refused a call for good, or if it was called last, while
    all calls of the judged one went well. A run that did well has none, unless it came to no call of the judged one.
    """
    if not run.other_calls or (run.succeeded and run.calls):
        return ""
    refused = [call for call in _last_tries(run.other_calls) if call.got_error]
    if refused:
        return _named(max(refused, key=lambda call: call.entry.id))
    last = run.other_calls[-1]
    is_last = not run.calls or last.entry.id > run.calls[-1].entry.id
    return _named(last) if is_last and not run.succeeded and not run.got_error else ""


def _last_tries(calls: Sequence[JudgedCall]) -> Sequence[JudgedCall]:
    return list({(call.entry.provider, call.entry.method, call.entry.path): call for call in calls}.values())


def _named(call: JudgedCall) -> str:
    entry = call.entry
    return f"{entry.provider}: {entry.method} {entry.path} {entry.status or 'without an answer'}"
