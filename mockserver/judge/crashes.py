"""Finds runs that failed although every answer was good, and the obligation that each of them breaks."""

from mockserver.judge.calls import JudgedCall
from mockserver.judge.compressed import DECODES, none_was_read
from mockserver.judge.contact_traits import is_bare, is_odd
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.pagination_overrun import overruns
from mockserver.judge.token_use import FETCHES_KEYS, stuck_at_key, unusual_form
from mockserver.sandbox.faults import strange_kinds


def crashed(evidence: Evidence) -> list[tuple[Run, str]]:
    """Returns the runs that failed although every answer was good, each with the obligation that answers for it."""
    return [(run, _blame(evidence, run)) for run in evidence.runs if not run.succeeded and is_content(run)]


def is_content(run: Run) -> bool:
    """Tells whether every call of a run was answered well, so that the client has no reason to fail."""
    return bool(run.calls) and not run.got_error and not any(_is_wrong_address(call) for call in run.calls)


def _is_wrong_address(call: JudgedCall) -> bool:
    """Tells whether nothing is there since the call itself is wrong, so that 404 is no answer like others."""
    return call.entry.status == 404 and any(violation.place != "reply" for violation in call.entry.violations)


def failed_at_nothing(run: Run) -> JudgedCall | None:
    """Returns the 404 for a period without leads at which a run ended, which it took for a failure."""
    last = next((call for call in reversed(run.calls) if call.page_request is not None), None)
    at_nothing = last is not None and last.entry.status == 404 and last.page is not None and run.ending == "itself"
    return last if at_nothing else None


def _blame(evidence: Evidence, run: Run) -> str:
    return _blame_before_leads(evidence, run) or _blame_for_leads(evidence, run) or "RUN-02"


def _blame_before_leads(evidence: Evidence, run: Run) -> str | None:
    """Finds the obligation where the client came to no lead, or could read none."""
    if stuck_at_key(evidence, run) is not None:
        return FETCHES_KEYS
    if not run.shown_leads and (form := unusual_form(evidence, run)) is not None:
        return form
    return DECODES if none_was_read(evidence, run) else None


def _blame_for_leads(evidence: Evidence, run: Run) -> str | None:
    if run.ending == "timeout" and overruns(evidence.adapter, run):
        return "PAGE-07"
    kinds = {call.fault for call in run.calls}
    pages = [call.page for call in run.calls if call.page is not None]
    detail = evidence.adapter.detail_operation
    if any(call.entry.operation == detail and call.entry.status == 404 for call in run.calls):
        return "TOLERANCE-06"
    if failed_at_nothing(run) is not None:
        return "PAGE-06"
    owed = {id for id, item in run.shown_leads.items() if item.parent is None}
    if owed and run.outcome is not None and owed <= {line.id for line in run.outcome}:
        return "RUN-02"  # it did all that it had to, so nothing that it was shown made it fail
    for kind, obligation in strange_kinds().items():
        if kind in kinds:
            return obligation
    if pages and not any(page.items for page in pages):
        return "PAGE-06"
    contacts = [item.contact for item in run.shown_leads.values()]
    only_odd = "TOLERANCE-04" in evidence.aims and "TOLERANCE-03" not in evidence.aims
    if only_odd and any(map(is_odd, contacts)):
        return "TOLERANCE-04"
    return "TOLERANCE-03" if any(map(is_bare, contacts)) else "RUN-02"
