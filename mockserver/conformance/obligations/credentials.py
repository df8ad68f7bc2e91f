"""What a client does with its credentials: whether it stops when they are refused, and to whom it shows them."""

import re
from collections.abc import Hashable, Iterator

from mockserver.conformance.evidence import Evidence, Run, Seen
from mockserver.conformance.obligations.reading import (
    after,
    answered_well,
    gap,
    gives_token,
    header,
    ids,
    in_flight,
    is_api,
    is_token,
    named,
    request,
    times,
)
from mockserver.conformance.rulings import Finding, Judges, Ruling, rule
from mockserver.redaction import MASK

_MOST_REFUSALS = 3
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")
"""A token by its look: a cursor may begin like one, but has no point in it."""
_SHORTEST_SECRET = 6


def _stops_when_refused(evidence: Evidence) -> Ruling:
    rows = [(run, row) for run in evidence.runs for row in _refusals(evidence, run)]
    findings = [_goes_on(run, row) for run, row in rows if len(row) > _MOST_REFUSALS]
    return rule(findings, reached=bool(rows))


def _refusals(evidence: Evidence, run: Run) -> Iterator[list[Seen]]:
    """The refusals of the credentials themselves, in rows that an accepted call ends."""
    row: list[Seen] = []
    fresh = False
    for seen in run.calls:
        if gives_token(evidence, seen):
            fresh = True
        elif is_api(evidence, seen) and answered_well(seen):
            fresh = False
            if row:
                yield row
            row = []
        elif _refuses_credentials(evidence, seen, fresh) and not (row and in_flight(row[-1], seen)):
            row.append(seen)
    if row:
        yield row


def _refuses_credentials(evidence: Evidence, seen: Seen, fresh: bool) -> bool:
    if is_token(evidence, seen):
        return seen.entry.status in (400, 401, 403)
    # A token that is not fresh has died; one that is fresh stands for the credentials, as they do where there are none.
    by_itself = fresh or evidence.dialect.token_operation is None
    return by_itself and is_api(evidence, seen) and seen.entry.status == 401


def _goes_on(run: Run, row: list[Seen]) -> Finding:
    first, last = row[0], row[-1]
    text = (
        f"run {run.number} went on after its credentials were refused: {times(len(row), 'refusal')} in a row in "
        f"{gap(first, last):.1f} s, from {named(first)} to call {last.entry.id}"
    )
    return Finding(text, ids(row))


def _accepts_forbidden(evidence: Evidence) -> Ruling:
    forbidden = [
        seen for run in evidence.runs for seen in run.calls if is_api(evidence, seen) and seen.entry.status == 403
    ]
    findings = [finding for run in evidence.runs for finding in _repetitions(evidence, run)]
    return rule(findings, reached=bool(forbidden))


def _repetitions(evidence: Evidence, run: Run) -> Iterator[Finding]:
    """Calls that were repeated after a 403 without a fresh token, or although a fresh token did not help."""
    rows: dict[Hashable, list[Seen]] = {}
    for seen in run.calls:
        if not is_api(evidence, seen):
            continue
        row = rows.setdefault(request(seen), [])
        if row and (len(row) > 1 or not _fresh_between(evidence, run, row[-1], seen)):
            after_token = " with a fresh token and again" if len(row) > 1 else " without a fresh token"
            text = f"call {seen.entry.id} repeated {named(row[0])}, which is forbidden (403),{after_token}"
            yield Finding(text, ids([*row, seen]))
        if seen.entry.status == 403:
            row.append(seen)
        else:
            row.clear()


def _fresh_between(evidence: Evidence, run: Run, first: Seen, later: Seen) -> bool:
    return any(gives_token(evidence, seen) for seen in after(run, first) if seen.entry.id < later.entry.id)


def _keeps_to_origin(evidence: Evidence) -> Ruling:
    struck = evidence.struck("redirect")
    findings = [finding for seen in struck if (finding := _shown_elsewhere(evidence, seen)) is not None]
    return rule(findings[:1], reached=bool(struck))


def _shown_elsewhere(evidence: Evidence, struck: Seen) -> Finding | None:
    known = {_host(seen) for seen in evidence.calls if seen.entry.id <= struck.entry.id}
    for seen in after(evidence.run(struck.run), struck):
        if _host(seen) not in known and _carries_credentials(evidence, seen):
            text = f"{named(seen)} took credentials to {_host(seen)}, where call {struck.entry.id} was redirected to"
            return Finding(f"{text} from {_host(struck)}", ids([struck, seen]))
    return None


def _host(seen: Seen) -> str:
    return (header(seen.entry.request_headers, b"host") or "").lower()


def _carries_credentials(evidence: Evidence, seen: Seen) -> bool:
    return is_api(evidence, seen) or (is_token(evidence, seen) and MASK in seen.entry.request)


def _keeps_secrets(evidence: Evidence) -> Ruling:
    findings = [
        Finding(f"the output of run {run.number} has {what}") for run in evidence.runs if (what := _told(evidence, run))
    ]
    heard = all(run.heard for run in evidence.runs)
    return rule(findings, reached=bool(evidence.calls), observable=heard)


def _told(evidence: Evidence, run: Run) -> str:
    for secret in evidence.secrets:
        if len(secret) >= _SHORTEST_SECRET and secret in run.output:
            return f"a secret of {len(secret)} characters, in line {_line(run.output, run.output.index(secret))}"
    token = _JWT.search(run.output)
    return f"a token, in line {_line(run.output, token.start())}" if token else ""


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


JUDGES: Judges = {
    "TOKEN-04": _stops_when_refused,
    "TOKEN-05": _accepts_forbidden,
    "TOKEN-07": _keeps_to_origin,
    "TOKEN-09": _keeps_secrets,
}
