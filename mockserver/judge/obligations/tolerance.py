"""Judges what a client does when a lead that it asks for by its id is not there any more."""

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.pagination_overrun import is_gone, left_at_gone
from mockserver.judge.rulings import Finding, Judges, Ruling, rule


def _goes_on_when_one_is_gone(evidence: Evidence) -> Ruling:
    missing = {
        run.number: [call for call in run.calls if is_gone(evidence.adapter, call)]
        for run in evidence.runs
        if evidence.adapter.detail_operation is not None
    }
    findings = [finding for run in evidence.runs if (finding := _failed(run, missing.get(run.number, []))) is not None]
    for run in evidence.runs:
        for crawl in run.crawls:
            if (call := left_at_gone(evidence.adapter, run, crawl)) is not None:
                text = (
                    f"run {run.number} left the {crawl.feed} when {call.entry.path} was 404, though more pages followed"
                )
                findings.append(Finding(text, (crawl.pages[-1].entry.id, call.entry.id)))
    return rule(findings, reached=any(missing.values()))


def _failed(run: Run, missing: list[JudgedCall]) -> Finding | None:
    """Finds a run that did not end well, though nothing failed in it but that one lead is gone."""
    if run.succeeded or run.got_error or not missing:
        return None
    how = "was stopped, since it did not end" if run.exit_code is None else f"ended with exit code {run.exit_code}"
    text = f"run {run.number} {how}, after {missing[-1].entry.path} was 404; every other call was answered well"
    return Finding(text, (missing[-1].entry.id,), kind="crash")


JUDGES: Judges = {"TOLERANCE-06": _goes_on_when_one_is_gone}
