"""Judges how a client takes webhooks: in time, with the right key, again, in any order, and whatever is in them."""

from collections import Counter
from collections.abc import Callable, Iterable

from mockserver.foundation.redaction import MASK
from mockserver.judge.evidence import Evidence, JudgedAttempt
from mockserver.judge.obligations.queries import members
from mockserver.judge.rulings import NOT_REACHED, Finding, Judge, Judges, Ruling, rule

_TOO_LATE = "no answer within"
"""The beginning of the reason of an attempt whose receiver was there, and did not answer in time."""
_BROKE = "the connection broke"
"""The beginning of the reason of an attempt whose receiver ended without an answer: its handler failed."""
_MAX_LEADS = 20
"""Leads that a finding names."""
_INCOMPLETE = ("unknown_category", "erased")


def _takes_webhooks(evidence: Evidence) -> Ruling:
    """Judges attempts that reached somebody: a client that has ended answers nothing."""
    late = [attempt for attempt in evidence.attempts if attempt.status is None and _is_late(attempt)]
    answered = [attempt for attempt in evidence.attempts if _is_answered(attempt)]
    findings = []
    if late:
        text = f"{len(late)} of {len(late) + len(answered)} webhooks got {late[0].reason}, the first that of lead "
        findings.append(Finding(text + late[0].lead, (), _leads(late)))
    refused = [attempt for attempt in answered if not attempt.faults and attempt.lead not in _taken(evidence)]
    if refused:
        about = "it" if len(refused) == 1 else "them"
        text = f"{_webhooks(refused, f'with nothing unusual about {about}')} {_answer(refused[0])}, and never taken"
        findings.append(Finding(text, (), _leads(refused)))
    findings += _stores_nothing(evidence)
    return rule(findings, reached=bool(late or answered))


def _stores_nothing(evidence: Evidence) -> list[Finding]:
    """Finds a client that takes webhooks, holds none of their leads, and asked for no list that shows them."""
    alone = _by_webhook_alone(evidence)
    held = {line.id for line in evidence.last.outcome or ()}
    if not evidence.has_outcome or not alone or any(lead in held for lead in alone):
        return []
    text = f"{_of_leads(alone)} taken, and nothing of that is held, nor was a list asked for that shows it"
    return [Finding(text, (), tuple(alone[:_MAX_LEADS]), "lost")]


def _is_answered(attempt: JudgedAttempt) -> bool:
    """Tells whether somebody took the request and was done with it, be it by failing."""
    return attempt.status is not None or (attempt.reason or "").startswith(_BROKE)


def _answer(attempt: JudgedAttempt) -> str:
    return "answered with nothing" if attempt.status is None else f"answered with {attempt.status}"


def _is_late(attempt: JudgedAttempt) -> bool:
    return (attempt.reason or "").startswith(_TOO_LATE)


def _refuses_wrong_keys(evidence: Evidence) -> Ruling:
    """Judges first attempts: only those have the wrong key, and only where the subscription has a key at all.

    No document says which header has it, so some clients put a secret of their own into the address instead.
    """
    if not _has_key(evidence) or _has_secret_address(evidence):
        return NOT_REACHED
    wrong = [attempt for attempt in _answered(evidence, "wrong_key") if attempt.number == 1]
    taken = [attempt for attempt in wrong if attempt.succeeded]
    findings = []
    if taken:
        text = f"{_webhooks(taken, 'with a wrong key')} answered with {taken[0].status}"
        findings.append(Finding(text, (), _leads(taken)))
    return rule(findings, reached=bool(wrong))


def _has_key(evidence: Evidence) -> bool:
    """Tells whether a subscription named a key: the journal keeps that there was one, and not which."""
    operation = evidence.adapter.subscribe_operation
    return operation is not None and any(MASK in call.entry.request for call in evidence.calls_of(operation))


def _has_secret_address(evidence: Evidence) -> bool:
    """Tells whether a subscribed address has a query, by which the client may know that a webhook is genuine."""
    operation = evidence.adapter.subscribe_operation
    calls = [] if operation is None else evidence.calls_of(operation)
    return any("?" in str((members(call.entry.request) or {}).get("url", "")) for call in calls)


def _takes_repetitions(evidence: Evidence) -> Ruling:
    attempts: dict[str, list[JudgedAttempt]] = {}
    for attempt in evidence.attempts:
        attempts.setdefault(attempt.lead, []).append(attempt)
    repeated = {lead: _repetitions(of_lead) for lead, of_lead in attempts.items()}
    refused = [again for lead, of_lead in repeated.items() for again in of_lead if _is_refused(again, attempts[lead])]
    findings = []
    if refused:
        text = f"{_webhooks(refused, 'that had been taken before')} {_answer(refused[0])}"
        findings.append(Finding(text, (), _leads(refused)))
    counts = Counter(line.id for line in evidence.last.outcome or ())
    double = tuple(lead for lead in attempts if len(attempts[lead]) > 1 and counts[lead] > 1)
    if double:
        text = f"the outcome has lead {double[0]} {counts[double[0]]} times after {len(attempts[double[0]])} webhooks"
        more = f", and so with {len(double) - 1} more" if len(double) > 1 else ""
        findings.append(Finding(text + more, (), double[:_MAX_LEADS], "duplicated"))
    return rule(findings, reached=any(repeated.values()), observable=evidence.has_outcome)


def _repetitions(attempts: list[JudgedAttempt]) -> list[JudgedAttempt]:
    """Returns the attempts that came after the client had taken the lead, and were answered."""
    first = next((number for number, attempt in enumerate(attempts) if attempt.succeeded), len(attempts))
    return [again for again in attempts[first + 1 :] if _is_answered(again)]


def _is_refused(again: JudgedAttempt, attempts: list[JudgedAttempt]) -> bool:
    """Tells whether the client failed over a copy that was sent on purpose, and never took it.

    To answer that it is there already, with 409 perhaps, is no failure.
    """
    if "duplicate" not in again.faults or (again.status is not None and again.status < 500):
        return False
    copies = sum(attempt.number == 1 for attempt in attempts)
    return sum(attempt.succeeded for attempt in attempts) < copies


def _takes_any_order(evidence: Evidence) -> Ruling:
    """Judges that a lead that went first, and an older one that came behind it, are both there in the end."""
    late = {attempt.lead: attempt for attempt in _answered(evidence, "reorder")}
    overtaken = {lead: before for lead in late if (before := _overtaker(evidence, lead)) is not None}
    findings = _refused(evidence, overtaken, "that came behind a newer lead")
    lost = [lead for lead in _lost(evidence) if lead in overtaken]
    if lost:
        findings.append(
            Finding(f"{_of_leads(lost)} taken after a newer one and not held", (), tuple(lost[:_MAX_LEADS]), "lost")
        )
    lost = [lead for lead in _lost(evidence) if lead in overtaken.values() and lead not in overtaken]
    if lost:
        text = f"{_of_leads(lost)} taken and not held any more after an older one came behind"
        findings.append(Finding(text, (), tuple(lost[:_MAX_LEADS]), "lost"))
    return rule(findings, reached=bool(overtaken), observable=evidence.has_outcome)


def _overtaker(evidence: Evidence, lead: str) -> str | None:
    """Returns the newer lead that the client took last before the first webhook of this one; None without one."""
    before = None
    leads = evidence.last.after
    for attempt in evidence.attempts:
        if attempt.lead == lead:
            break
        both = leads.get(attempt.lead), leads.get(lead)
        if attempt.succeeded and both[0] and both[1] and both[0].created >= both[1].created:
            before = attempt.lead
    return before


def _takes_any_content(evidence: Evidence) -> Ruling:
    strange = {attempt.lead for attempt in _answered(evidence, *_INCOMPLETE)}
    findings = _refused(evidence, strange, "with an unknown category or without a person")
    # People who were erased need not be held.
    unknown = {attempt.lead for attempt in _answered(evidence, "unknown_category")}
    lost = [lead for lead in _lost(evidence) if lead in unknown]
    if lost:
        text = f"{_of_leads(lost)} taken, whose category is unknown, and not held"
        findings.append(Finding(text, (), tuple(lost[:_MAX_LEADS]), "lost"))
    return rule(findings, reached=bool(strange), observable=evidence.has_outcome)


def _refused(evidence: Evidence, leads: Iterable[str], what: str) -> list[Finding]:
    """Finds those of these leads whose webhooks were never answered with 2xx, though ordinary ones were taken."""
    ordinary = [attempt for attempt in evidence.attempts if not attempt.faults and _is_answered(attempt)]
    if ordinary and not any(attempt.succeeded for attempt in ordinary):
        return []
    left = set(leads) - _taken(evidence)
    refused = [
        attempt
        for attempt in evidence.attempts
        if attempt.lead in left and _is_answered(attempt)
        if not ("wrong_key" in attempt.faults and attempt.number == 1)
    ]
    if not refused:
        return []
    return [Finding(f"{_webhooks(refused, what)} {_answer(refused[0])}", (), _leads(refused))]


def _taken(evidence: Evidence) -> set[str]:
    return {attempt.lead for attempt in evidence.attempts if attempt.succeeded}


def _lost(evidence: Evidence) -> list[str]:
    """Returns leads that came by webhook alone, were taken, are still there, and are not held though others are.

    A client that stores nothing of any webhook does so for a reason of its own, and lists show it all.
    """
    if not evidence.has_outcome:
        return []
    held = {line.id for line in evidence.last.outcome or ()}
    alone = _by_webhook_alone(evidence)
    strange = {attempt.lead for attempt in evidence.attempts if attempt.faults}
    ordinary = [lead for lead in alone if lead not in strange]
    if ordinary and not any(lead in held for lead in alone):
        return []
    return sorted(lead for lead in alone if lead not in held)


def _by_webhook_alone(evidence: Evidence) -> list[str]:
    """Returns the leads that are to be held and were taken, and that no call showed."""
    listed = {item.id for call in evidence.calls for item in call.items}
    return sorted(lead for lead in _taken(evidence) - listed if _is_wanted(evidence, lead))


def _is_wanted(evidence: Evidence, lead: str) -> bool:
    actual = evidence.last.after.get(lead)
    return actual is not None and not actual.erased and actual.parent is None


def _answered(evidence: Evidence, *faults: str) -> list[JudgedAttempt]:
    """Returns attempts with such a fault to which the client answered anything, or over which it failed."""
    return [attempt for attempt in evidence.attempts if _is_answered(attempt) and not attempt.faults.isdisjoint(faults)]


def _leads(attempts: list[JudgedAttempt]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(attempt.lead for attempt in attempts))[:_MAX_LEADS]


def _webhooks(attempts: list[JudgedAttempt], what: str) -> str:
    if len(attempts) == 1:
        return f"a webhook of lead {attempts[0].lead} {what} was"
    return f"{len(attempts)} webhooks {what} were"


def _of_leads(leads: list[str]) -> str:
    return f"the webhook of lead {leads[0]} was" if len(leads) == 1 else f"the webhooks of {len(leads)} leads were"


def _where_there_are_webhooks(judge: Judge) -> Callable[[Evidence], Ruling]:
    return lambda evidence: judge(evidence) if evidence.attempts else NOT_REACHED


JUDGES: Judges = {
    "HOOK-01": _where_there_are_webhooks(_takes_webhooks),
    "HOOK-02": _where_there_are_webhooks(_refuses_wrong_keys),
    "HOOK-03": _where_there_are_webhooks(_takes_repetitions),
    "HOOK-04": _where_there_are_webhooks(_takes_any_order),
    "HOOK-05": _where_there_are_webhooks(_takes_any_content),
}
