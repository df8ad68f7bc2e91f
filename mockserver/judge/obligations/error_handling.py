"""Judges how a client ends after failures: whether it says so, and takes nothing that is broken for an answer."""

from math import inf

from mockserver.judge.calls import CUT, JudgedCall
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.obligations.queries import (
    answered_well,
    asks,
    gives_token,
    got_later,
    ids,
    is_api,
    is_token,
    last_tries,
    named,
    wrongs,
)
from mockserver.judge.rulings import Finding, Judges, Ruling, rule
from mockserver.sandbox.faults import kinds_that_test


def _tells(evidence: Evidence) -> Ruling:
    tried = [(run, call) for run in evidence.runs for call in last_tries(run.calls)]
    lost = [
        (run, call)
        for run, call in tried
        if _failed_for_good(evidence, run, call) or (_is_left(run, call) and _was_noticed(run, call))
    ]
    findings = [
        Finding(
            f"run {run.number} ended with exit code 0, though {named(call)} was answered with {_answer(call)} "
            f"and what it asked for never came",
            ids([call]),
        )
        for run, call in lost
        if run.exit_code == 0
    ]
    return rule(findings, reached=bool(lost), observable=any(run.exit_code is not None for run, _ in lost))


def _answer(call: JudgedCall) -> str:
    if call.entry.status == 0:
        return "a reset of the connection"
    return (
        str(call.entry.status)
        if call.fault is None or call.entry.status >= 300
        else f"{call.entry.status}, {call.fault}"
    )


def _was_noticed(run: Run, call: JudgedCall) -> bool:
    """Tells whether a broken answer was taken for the failure that it is, since the call was repeated.

    A client that does not say so in the end breaks FAULT-05 then, and does not believe what is broken.
    """
    return run.index.failed_also(call)


def _is_left(run: Run, call: JudgedCall) -> bool:
    """Tells whether there is nothing of a page but a broken answer, to the end of the run."""
    return _is_no_page(call) and not got_later(run, call)


def _failed_for_good(evidence: Evidence, run: Run, call: JudgedCall) -> bool:
    status = call.entry.status
    if status < 300 or status in (403, 404) or wrongs(call.entry):
        return False
    if is_token(evidence, call):
        helped = run.index.last_that(
            "token or served", lambda later: gives_token(evidence, later) or _is_served(evidence, later)
        )
        return helped is None or helped.entry.id <= call.entry.id
    died = status == 401 and evidence.adapter.token_operation is not None and not evidence.credentials_changed
    if not asks(call) or (died and is_api(evidence, call)):  # TOKEN-03 is about tokens that died
        return False
    return not got_later(run, call)


def _is_served(evidence: Evidence, call: JudgedCall) -> bool:
    return is_api(evidence, call) and answered_well(call)


def _believes_nothing_broken(evidence: Evidence) -> Ruling:
    reached = any(_is_no_page(call) for call in evidence.calls)
    findings, seen_to_end = [], False
    for run in evidence.runs:
        left = [call for call in last_tries(run.calls) if _is_left(run, call)]
        waiting = [call for call in left if run.ending != "itself" and _is_last(evidence, run)]
        # A client that never ends has not said that it is content: it may look again when that is due.
        findings += [_believed(run, call) for call in left if run.succeeded and _took_for_nothing(evidence, run, call)]
        seen_to_end |= not waiting and any(map(_is_no_page, run.calls))
    return rule(findings, reached=reached, observable=seen_to_end)


def _is_no_page(call: JudgedCall) -> bool:
    """Tells whether it asked for a page and a fault left nothing of it, without a status that says so."""
    return asks(call) and call.page is None and call.entry.status < 300 and call.fault is not None


def _is_last(evidence: Evidence, run: Run) -> bool:
    return run.number == evidence.last.number


def _took_for_nothing(evidence: Evidence, run: Run, call: JudgedCall) -> bool:
    if _was_noticed(run, call) or _took(run, call):
        return False
    if run.ending == "itself":
        return True
    later = [other for other in evidence.runs if other.number > run.number]
    return not _is_last(evidence, run) and not any(_reaches(other, call) for other in later)


def _reaches(later: Run, call: JudgedCall) -> bool:
    """Tells whether a page of a later run is of the same list, and begins no later."""
    former = call.page_request
    if former is None:
        return False
    return later.index.earliest_whole.get(former.feed, inf) <= (-inf if former.since is None else former.since)


def _took(run: Run, call: JudgedCall) -> bool:
    """Tells whether leads of an answer with a wrong type are held all the same, so that it was not taken for empty."""
    if call.fault not in kinds_that_test("FAULT-06"):
        return False
    if CUT in call.entry.reply:
        return True  # nobody can say any more what was in it
    # Ids that the provider never had are in none of its answers.
    return any(id in call.entry.reply for id in run.held_ids & (run.before.keys() | run.after.keys()))


def _believed(run: Run, call: JudgedCall) -> Finding:
    ended = f"ended with exit code {run.exit_code}" if run.ending == "itself" else "was content"
    text = f"run {run.number} {ended}, though {named(call)} got no whole page ({_answer(call)}) and never got it later"
    return Finding(text, ids([call]))


JUDGES: Judges = {"FAULT-05": _tells, "FAULT-06": _believes_nothing_broken}
