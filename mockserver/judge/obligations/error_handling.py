"""What a client makes of a failure that lasts: whether it says so, and takes nothing that is broken for an answer."""

from mockserver.judge.evidence import Evidence, JudgedCall, Run
from mockserver.judge.obligations.queries import (
    after,
    aim,
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


def _tells(evidence: Evidence) -> Ruling:
    tried = [(run, seen) for run in evidence.runs for seen in last_tries(run.calls)]
    lost = [
        (run, seen)
        for run, seen in tried
        if _failed_for_good(evidence, run, seen) or (_is_left(run, seen) and _was_noticed(run, seen))
    ]
    findings = [
        Finding(
            f"run {run.number} ended with exit code 0, though {named(seen)} was answered with {_answer(seen)} "
            f"and what it asked for never came",
            ids([seen]),
        )
        for run, seen in lost
        if run.exit_code == 0
    ]
    return rule(findings, reached=bool(lost), observable=any(run.exit_code is not None for run, _ in lost))


def _answer(seen: JudgedCall) -> str:
    if seen.entry.status == 0:
        return "a reset of the connection"
    return (
        str(seen.entry.status)
        if seen.fault is None or seen.entry.status >= 300
        else f"{seen.entry.status}, {seen.fault}"
    )


def _was_noticed(run: Run, seen: JudgedCall) -> bool:
    """Whether a broken answer was taken for the failure that it is: the call was repeated. Not to say so in the end
    is FAULT-05 then, and no belief in what is broken.
    """
    return any(aim(earlier) == aim(seen) and earlier.page is None for earlier in run.calls if earlier is not seen)


def _is_left(run: Run, seen: JudgedCall) -> bool:
    """Whether there is nothing of a page but a broken answer, to the end of the run."""
    return _is_no_page(seen) and not got_later(run, seen)


def _failed_for_good(evidence: Evidence, run: Run, seen: JudgedCall) -> bool:
    status = seen.entry.status
    if status < 300 or status in (403, 404) or wrongs(seen.entry):
        return False
    if is_token(evidence, seen):
        return not any(gives_token(evidence, later) or _is_served(evidence, later) for later in after(run, seen))
    died = status == 401 and evidence.adapter.token_operation is not None and not evidence.rotated
    if not asks(seen) or (died and is_api(evidence, seen)):  # a token that died is what TOKEN-03 is about
        return False
    return not got_later(run, seen)


def _is_served(evidence: Evidence, seen: JudgedCall) -> bool:
    return is_api(evidence, seen) and answered_well(seen)


def _believes_nothing_broken(evidence: Evidence) -> Ruling:
    reached = any(_is_no_page(seen) for seen in evidence.calls)
    findings, seen_to_end = [], False
    for run in evidence.runs:
        left = [seen for seen in last_tries(run.calls) if _is_left(run, seen)]
        waiting = [seen for seen in left if run.ending != "itself" and _is_last(evidence, run)]
        # One that never ends has not said that it is content: it may look again when that is due.
        findings += [_believed(run, seen) for seen in left if run.succeeded and _took_for_nothing(evidence, run, seen)]
        seen_to_end |= not waiting and any(map(_is_no_page, run.calls))
    return rule(findings, reached=reached, observable=seen_to_end)


def _is_no_page(seen: JudgedCall) -> bool:
    """Whether it asked for a page and a fault left nothing of it, without a status that says so."""
    return asks(seen) and seen.page is None and seen.entry.status < 300 and seen.fault is not None


def _is_last(evidence: Evidence, run: Run) -> bool:
    return run.number == evidence.last.number


def _took_for_nothing(evidence: Evidence, run: Run, seen: JudgedCall) -> bool:
    if _was_noticed(run, seen) or _took(run, seen):
        return False
    if run.ending == "itself":
        return True
    later = [call for other in evidence.runs if other.number > run.number for call in other.calls]
    return not _is_last(evidence, run) and not any(_reaches(call, seen) for call in later)


def _reaches(call: JudgedCall, seen: JudgedCall) -> bool:
    """Whether a page of a later run is of the same list, and begins no later."""
    if call.page is None or call.asked is None or seen.asked is None or call.asked.feed != seen.asked.feed:
        return False
    earlier, later = seen.asked.since, call.asked.since
    return later is None or (earlier is not None and later <= earlier)


def _took(run: Run, seen: JudgedCall) -> bool:
    """Whether leads of an answer that has a wrong type somewhere are held all the same: not taken for empty at all."""
    return seen.fault == "wrong_type" and any(held.id in seen.entry.reply for held in run.outcome or ())


def _believed(run: Run, seen: JudgedCall) -> Finding:
    ended = f"ended with exit code {run.exit_code}" if run.ending == "itself" else "was content"
    text = f"run {run.number} {ended}, though {named(seen)} got no whole page ({_answer(seen)}) and never got it later"
    return Finding(text, ids([seen]))


JUDGES: Judges = {"FAULT-05": _tells, "FAULT-06": _believes_nothing_broken}
