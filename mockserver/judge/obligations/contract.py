"""Judges whether calls are as the contract wants them, by the violations that the request pipeline recorded."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeAlias

from mockserver.contract.sources import SURE_LEVELS
from mockserver.foundation.problems import Violation
from mockserver.foundation.redaction import MASK
from mockserver.judge.calls import JudgedCall
from mockserver.judge.citations import spelled_out
from mockserver.judge.evidence import Evidence
from mockserver.judge.obligations.queries import header, ids, is_token, named, times, wrongs
from mockserver.judge.rulings import Finding, Judge, Judges, Ruling, rule

_FORM = "application/x-www-form-urlencoded"
_UNKNOWN = "query parameter"
_BODYLESS = ("GET", "HEAD", "DELETE", "OPTIONS")
_OF_THE_STATE = frozenset({"cursor", "unique"})
"""Rules about earlier calls: a cursor that was given out and has ended is charged as PAGE-03 or PAGE-10, and sending a
reference that is used already is the right way to repeat a write."""

Check: TypeAlias = Callable[[Evidence, JudgedCall], str | None]
"""Says what is wrong with a call, without its number; None when nothing is."""


def _for_each_call(
    check: Check, reached: Callable[[Evidence, JudgedCall], bool] = lambda evidence, call: True
) -> Judge:
    """Makes a judge that looks at one call after another, and says the same thing of many calls once."""

    def judge(evidence: Evidence) -> Ruling:
        calls = [call for call in evidence.calls if reached(evidence, call)]
        wrong = ((text, call) for call in calls if (text := check(evidence, call)) is not None)
        return rule(_grouped(wrong), reached=bool(calls))

    return judge


def _grouped(wrong: Iterable[tuple[str, JudgedCall]]) -> list[Finding]:
    groups: dict[tuple[str, str], list[JudgedCall]] = {}
    for text, call in wrong:
        groups.setdefault((text, call.entry.operation), []).append(call)
    return [_finding(text, calls) for (text, _), calls in groups.items()]


def _finding(text: str, calls: list[JudgedCall]) -> Finding:
    more = f", and {times(len(calls) - 1, 'more call')} like it" if len(calls) > 1 else ""
    return Finding(f"{named(calls[0])}{more}: {text}", ids(calls))


_Group: TypeAlias = list[tuple[Violation, JudgedCall]]


def _fits_the_contract(evidence: Evidence) -> Ruling:
    findings = [_broken_rule(group) for group, level, _ in _broken_rules(evidence) if level in SURE_LEVELS]
    return rule(findings, reached=bool(evidence.calls))


def _keeps_to_what_is_unsure(evidence: Evidence) -> Ruling:
    findings = [
        _broken_rule(group, f"; {level}: {spelled_out(source)}")
        for group, level, source in _broken_rules(evidence)
        if level not in SURE_LEVELS
    ]
    return rule(findings, reached=bool(evidence.calls))


def _broken_rules(evidence: Evidence) -> Iterator[tuple[_Group, str, str]]:
    """Yields the calls that broke each rule of the contract, with the level and the source of the rule."""
    groups: dict[Hashable, _Group] = {}
    for call in evidence.calls:
        for violation in wrongs(call.entry):
            if not _is_charged_elsewhere(evidence, call, violation):
                key = (call.entry.operation, violation.place, violation.pointer, violation.rule)
                groups.setdefault(key, []).append((violation, call))
    for group in groups.values():
        violation, call = group[0]
        level, source, _ = evidence.certainty(call.entry.operation, violation)
        yield group, level, source


def _broken_rule(group: _Group, certainty: str = "") -> Finding:
    violation = group[0][0]
    where = f"{violation.place} {violation.pointer}".strip()
    return _finding(f"{violation.message.rstrip('.')} ({where}{certainty})", [call for _, call in group])


def _is_charged_elsewhere(evidence: Evidence, call: JudgedCall, violation: Violation) -> bool:
    if violation.rule in _OF_THE_STATE:
        return True
    if violation.place == "header":
        return violation.pointer.lower() in ("/content-type", "/user-agent")
    if violation.rule == "period":
        return _is_too_long(evidence, call)
    return is_token(evidence, call) and violation.pointer == f"/{evidence.adapter.token_needs}"


def _is_too_long(evidence: Evidence, call: JudgedCall) -> bool:
    """Tells whether its period is longer than allowed, which PAGE-08 is about; not one that ends before it begins."""
    request = call.page_request
    if evidence.adapter.longest_window is None or request is None or request.since is None or request.until is None:
        return False
    return request.until - request.since >= evidence.adapter.longest_window


def _unknown_parameters(evidence: Evidence, call: JudgedCall) -> str | None:
    notes = [note for note in call.entry.notes if _is_about_unknown_parameters(note)]
    return "; ".join(notes) if notes else None


def _is_about_unknown_parameters(note: str) -> bool:
    return (note.startswith(f"{_UNKNOWN} `") and ": unknown, ignored" in note) or note.endswith(
        f"{_UNKNOWN}s are unknown, ignored"
    )


def _no_content_type(evidence: Evidence, call: JudgedCall) -> str | None:
    for violation in wrongs(call.entry):
        if violation.place == "header" and violation.pointer.lower() == "/content-type":
            return violation.message.rstrip(".")
    # A fault may have come before anybody looked.
    value = header(call.entry.request_headers, b"content-type")
    media_type = (value or "").partition(";")[0].strip().lower()
    if media_type == "application/json" or media_type.endswith("+json"):
        return None
    if media_type == _FORM and is_token(evidence, call):
        return None
    return f"it has a body, and Content-Type is {value!r}" if value else "it has a body, and no Content-Type"


def _has_body(evidence: Evidence, call: JudgedCall) -> bool:
    return call.entry.request_bytes > 0 and call.entry.method not in _BODYLESS


def _no_user_agent(evidence: Evidence, call: JudgedCall) -> str | None:
    value = header(call.entry.request_headers, b"user-agent")
    if not (value or "").strip():
        return "it has no User-Agent" if value is None else "its User-Agent is empty"
    if call.entry.status == 403:
        return next((f"it was refused: {note}" for note in call.entry.notes if "User-Agent" in note), None)
    return None


def _body_of_a_get(evidence: Evidence, call: JudgedCall) -> str | None:
    return "it has a body" if call.entry.request_bytes else None


def _is_get(evidence: Evidence, call: JudgedCall) -> bool:
    return call.entry.method in ("GET", "HEAD")


def _secret_in_address(evidence: Evidence, call: JudgedCall) -> str | None:
    cursor = call.page_request.place if call.page_request is not None else ""
    # A cursor that was cut can look like the beginning of a token.
    query = call.entry.query.replace(f"={cursor}", "=", 1) if MASK in cursor else call.entry.query
    if MASK in query:
        return "its query has a secret, which the journal has taken out"
    return "its path has a secret, which the journal has taken out" if MASK in call.entry.path else None


JUDGES: Judges = {
    "CONTRACT-01": _fits_the_contract,
    "CONTRACT-02": _for_each_call(_unknown_parameters),
    "CONTRACT-03": _for_each_call(_no_content_type, _has_body),
    "CONTRACT-04": _for_each_call(_no_user_agent),
    "CONTRACT-05": _for_each_call(_body_of_a_get, _is_get),
    "CONTRACT-06": _for_each_call(_secret_in_address),
    "CONTRACT-07": _keeps_to_what_is_unsure,
}
