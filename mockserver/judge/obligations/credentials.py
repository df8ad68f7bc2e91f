"""Judges how a client deals with its credentials: whether it stops when they are refused, and to whom it shows them."""

import re
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from itertools import islice
from urllib.parse import quote, quote_plus

from mockserver.foundation.redaction import MASK
from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.obligations.queries import (
    IN_FLIGHT,
    MAX_CALLS,
    after,
    answered_well,
    gap,
    gives_token,
    header,
    ids,
    is_api,
    is_token,
    named,
    request,
    rounds,
    times,
)
from mockserver.judge.rulings import MAX_FINDINGS, Finding, Judges, Ruling, rule
from mockserver.sandbox.faults import kinds_that_test

_MAX_REFUSALS = 3
_MAX_OF_FRESH = 12
"""Refusals of fresh tokens in a row, whatever was asked for."""
_MAX_FRESH = 3
"""Fresh tokens with which a forbidden call may be tried; more than one is advice, which another obligation gives."""
_TOKEN_WORKERS, _WORKERS = 5, 8
"""Workers side by side that are refused at once: so many ask for a token, or send a call of their own."""
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")
"""A token by its look: a cursor may begin like one, but has no point in it."""
_MIN_SECRET = 6
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,4096}")
_MAX_BASE64 = 1000


def _stops_when_refused(evidence: Evidence) -> Ruling:
    rows = [(run, row) for run in evidence.runs for calls in rounds(run) for row in _refusals(evidence, calls)]
    findings = [_goes_on(run, row) for run, row in rows if _is_insisting(evidence, row)]
    return rule(findings, reached=bool(rows))


def _is_insisting(evidence: Evidence, row: list[JudgedCall]) -> bool:
    """Tells whether there are too many refusals in a row.

    Where fresh tokens are refused, three of them may be tried for one call, and each of a few lists may be asked for.
    """
    count = _count(evidence, row)
    if evidence.adapter.token_operation is None or all(is_token(evidence, call) for call in row):
        return count > _MAX_REFUSALS
    most = max(Counter(map(request, row)).values())
    return count > _MAX_REFUSALS and (most > _MAX_REFUSALS + 1 or count > _MAX_OF_FRESH)


def _refusals(evidence: Evidence, calls: Sequence[JudgedCall]) -> Iterator[list[JudgedCall]]:
    """Yields the refusals of the credentials themselves, in rows that an accepted call ends."""
    row: list[JudgedCall] = []
    fresh = False
    for call in calls:
        if gives_token(evidence, call):
            fresh = True
        elif is_api(evidence, call) and answered_well(call):
            fresh = False
            if row:
                yield row
            row = []
        elif _refuses_credentials(evidence, call, fresh):
            row.append(call)
    if row:
        yield row


def _count(evidence: Evidence, row: list[JudgedCall]) -> int:
    """Counts the refusals of a row; those of several workers at once count once."""
    bursts: list[list[JudgedCall]] = []
    for call in row:
        if bursts and gap(bursts[-1][-1], call) <= IN_FLIGHT:
            bursts[-1].append(call)
        else:
            bursts.append([call])
    return sum(1 if _is_of_workers(evidence, burst) else len(burst) for burst in bursts)


def _is_of_workers(evidence: Evidence, burst: list[JudgedCall]) -> bool:
    """Tells whether each call may be another worker's: token requests are all the same, other calls are not."""
    calls = [request(call) for call in burst if not is_token(evidence, call)]
    return len(burst) - len(calls) <= _TOKEN_WORKERS and len(calls) == len(set(calls)) <= _WORKERS


def _refuses_credentials(evidence: Evidence, call: JudgedCall, fresh: bool) -> bool:
    if is_token(evidence, call):
        return call.entry.status in (400, 401, 403)
    # A token that is not fresh has died; one that is fresh stands for the credentials, as they do where there are none.
    by_itself = fresh or evidence.adapter.token_operation is None
    return by_itself and is_api(evidence, call) and call.entry.status == 401


def _goes_on(run: Run, row: list[JudgedCall]) -> Finding:
    first, last = row[0], row[-1]
    text = (
        f"run {run.number} went on after its credentials were refused: {times(len(row), 'refusal')} in a row in "
        f"{gap(first, last):.1f} s, from {named(first)} to call {last.entry.id}"
    )
    return Finding(text, ids(row))


def _accepts_forbidden(evidence: Evidence) -> Ruling:
    forbidden = [
        call for run in evidence.runs for call in run.calls if is_api(evidence, call) and call.entry.status == 403
    ]
    repeated = (
        (finding for calls in rounds(run) for finding in _repetitions(evidence, run, calls)) for run in evidence.runs
    )
    findings = [finding for of_run in repeated for finding in islice(of_run, MAX_FINDINGS)]
    return rule(findings, reached=bool(forbidden))


def _repetitions(evidence: Evidence, run: Run, calls: Sequence[JudgedCall]) -> Iterator[Finding]:
    """Yields calls that were repeated after a 403 more often than fresh tokens account for."""
    rows: dict[Hashable, list[JudgedCall]] = {}
    first: JudgedCall | None = None
    for call in calls:
        if not is_api(evidence, call):
            continue
        row = rows.setdefault(request(call), [])
        # Another worker may have fetched the fresh token when it was refused, before this call was.
        fresh = min(_fresh_between(evidence, run, first or row[-1], call), _MAX_FRESH) if row else 0
        if len(row) > fresh:
            tokens = f"though {times(fresh, 'fresh token')} did not help" if fresh else "without a fresh token"
            text = f"call {call.entry.id} repeated {named(row[0])}, which is forbidden (403), {tokens}"
            yield Finding(text, ids([*row[:MAX_CALLS], call]))
        if call.entry.status == 403:
            first = first or call
            row.append(call)
        else:
            row.clear()


def _fresh_between(evidence: Evidence, run: Run, first: JudgedCall, later: JudgedCall) -> int:
    """Counts the tokens that were given between two calls."""
    return run.index.count_between(first, later, "token", lambda call: gives_token(evidence, call))


def _keeps_to_origin(evidence: Evidence) -> Ruling:
    faulty = evidence.calls_with_fault(*kinds_that_test("TOKEN-07"))
    # A host that the first of a run does not explain is not explained by later ones either.
    first = {call.run: call for call in reversed(faulty)}
    findings = [finding for run in sorted(first) if (finding := _shown_elsewhere(evidence, first[run])) is not None]
    return rule(findings[:1], reached=bool(faulty))


def _shown_elsewhere(evidence: Evidence, faulty: JudgedCall) -> Finding | None:
    hosts = {_host(call) for call in evidence.calls if call.entry.id <= faulty.entry.id}
    for call in after(evidence.run(faulty.run), faulty):
        if _host(call) not in hosts and _carries_credentials(evidence, call):
            text = f"{named(call)} took credentials to {_host(call)}, where call {faulty.entry.id} was redirected to"
            return Finding(f"{text} from {_host(faulty)}", ids([faulty, call]))
    return None


def _host(call: JudgedCall) -> str:
    return (header(call.entry.request_headers, b"host") or "").lower()


def _carries_credentials(evidence: Evidence, call: JudgedCall) -> bool:
    return is_api(evidence, call) or (is_token(evidence, call) and MASK in call.entry.request)


def _keeps_secrets(evidence: Evidence) -> Ruling:
    findings = [
        Finding(f"the output of run {run.number} has {what}")
        for run in evidence.runs
        if (what := _secret_in_output(evidence, run))
    ]
    heard = all(run.output_is_whole for run in evidence.runs)
    return rule(findings, reached=bool(evidence.calls), observable=heard)


def _secret_in_output(evidence: Evidence, run: Run) -> str:
    secrets = [secret for secret in evidence.secrets if len(secret) >= _MIN_SECRET]
    for secret in secrets:
        for form in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret)):
            if form in run.output:
                return f"a secret of {len(secret)} characters, in line {_line(run.output, run.output.index(form))}"
    token = _JWT.search(run.output)
    if token:
        return f"a token, in line {_line(run.output, token.start())}"
    for text in islice(_BASE64.finditer(run.output), _MAX_BASE64):
        secret = next((secret for secret in secrets if _encodes(text[0], secret.encode())), "")
        if secret:
            return f"a secret of {len(secret)} characters in base64, in line {_line(run.output, text.start())}"
    return ""


def _encodes(text: str, secret: bytes) -> bool:
    """Tells whether base64 holds the secret, as HTTP Basic does; the text before it may look like base64, too."""
    for start in range(4):
        part = text[start:].replace("+", "-").replace("/", "_")
        part = part[: len(part) - (len(part) % 4 == 1)]
        if secret in urlsafe_b64decode(part + "=" * (-len(part) % 4)):
            return True
    return False


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


JUDGES: Judges = {
    "TOKEN-04": _stops_when_refused,
    "TOKEN-05": _accepts_forbidden,
    "TOKEN-07": _keeps_to_origin,
    "TOKEN-09": _keeps_secrets,
}
