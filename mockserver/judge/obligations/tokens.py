"""Judges how a client deals with tokens: how many it requests, for what, and when it needs another one."""

from collections.abc import Hashable, Iterator
from itertools import pairwise

from mockserver.judge.calls import CUT, JudgedCall
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.obligations.queries import (
    after,
    aim,
    answered_well,
    gives_token,
    got_later,
    header,
    ids,
    is_api,
    is_token,
    members,
    named,
    request,
    times,
)
from mockserver.judge.rulings import Finding, Judges, Ruling, rule
from mockserver.judge.token_answers import form_to_take
from mockserver.judge.token_use import is_unused, stuck_at_key

_MAX_OF_LIFE = 0.9
"""A token is renewed early by clients that know what they do; after this share of its life nobody minds."""


def _life(token: JudgedCall) -> float | None:
    """Returns the seconds for which a token is good, where the answer says so."""
    seconds = (members(token.entry.reply) or {}).get("expires_in")
    return float(seconds) if isinstance(seconds, int | float) else None


def _is_good(token: JudgedCall, moment: float) -> bool:
    life = _life(token)
    return life is not None and moment < token.entry.at + life * _MAX_OF_LIFE


def _purpose(call: JudgedCall) -> Hashable:
    """Returns the purpose of a token request: tokens for another address, audience or scope are others."""
    return header(call.entry.request_headers, b"host"), request(call)


def _is_refused(evidence: Evidence, call: JudgedCall) -> bool:
    # Also without credentials: who follows a redirect to another origin leaves them behind, and is refused there.
    return not is_token(evidence, call) and call.entry.status in (401, 403)


def _one_token(evidence: Evidence) -> Ruling:
    findings, reached = [], False
    for run in evidence.runs:
        calls = sum(is_api(evidence, call) for call in run.calls)
        refused = sum(_is_refused(evidence, call) for call in run.calls)
        reached |= calls > 1 and evidence.adapter.token_operation is not None
        for tokens in _tokens(evidence, run).values():
            needless = [later for one, later in pairwise(tokens) if _is_good(one, later.entry.at)]
            if len(needless) > refused and calls > 1:
                findings.append(_too_many(run, tokens, calls, refused))
    return rule(findings, reached=reached)


def _tokens(evidence: Evidence, run: Run) -> dict[Hashable, list[JudgedCall]]:
    """Returns the token answers of a run, by their purpose."""
    groups: dict[Hashable, list[JudgedCall]] = {}
    for call in run.calls:
        if gives_token(evidence, call):
            groups.setdefault(_purpose(call), []).append(call)
    return groups


def _too_many(run: Run, tokens: list[JudgedCall], calls: int, refused: int) -> Finding:
    text = (
        f"run {run.number} requested {times(len(tokens), 'token')} for {times(calls, 'call')}, of which {refused} were "
        f"refused; one token is good for {_life(tokens[0]) or 0:g} s"
    )
    return Finding(text, ids(tokens))


def _keeps_token(evidence: Evidence) -> Ruling:
    findings, reached = [], False
    for run in evidence.runs[1:]:
        for token_request, former in _former_tokens(evidence, run):
            reached = True
            if token_request is not None:
                left = former.entry.at + (_life(former) or 0) - token_request.entry.at
                text = f"{named(token_request)} of run {run.number} requested a token, though that of call "
                text += f"{former.entry.id} in run {former.run} was good for {left:.0f} s more"
                findings.append(Finding(text, ids([former, token_request])))
    return rule(findings, reached=reached)


def _former_tokens(evidence: Evidence, run: Run) -> Iterator[tuple[JudgedCall | None, JudgedCall]]:
    """Yields each token of earlier runs that is good in this one, behind the first request for another, if any."""
    if evidence.credentials_changed or not run.calls:
        return
    earlier = [other for other in evidence.runs if other.number < run.number]
    tokens = {_purpose(s): s for other in earlier if other.succeeded for s in other.calls if gives_token(evidence, s)}
    last_refused = max((c.entry.id for o in earlier for c in o.calls if _is_refused(evidence, c)), default=0)
    requests = _requests_before_refusal(evidence, run)
    for what, former in tokens.items():
        if last_refused > former.entry.id:
            continue
        token_request = requests.get(what)
        if _is_good(former, (token_request or run.calls[0]).entry.at):
            yield token_request, former


def _requests_before_refusal(evidence: Evidence, run: Run) -> dict[Hashable, JudgedCall]:
    """Returns the first token request for each purpose, of those before the first refusal of a run."""
    requests: dict[Hashable, JudgedCall] = {}
    for call in run.calls:
        if _is_refused(evidence, call):
            break
        if is_token(evidence, call):
            requests.setdefault(_purpose(call), call)
    return requests


def _replaces_token(evidence: Evidence) -> Ruling:
    if evidence.adapter.token_operation is None or evidence.credentials_changed:
        return rule([], reached=False)
    died = [(run, call) for run in evidence.runs for call in _deaths(evidence, run)]
    texts = ((call, _not_replaced(evidence, run, call)) for run, call in died)
    return rule([Finding(text, ids([call])) for call, text in texts if text is not None], reached=bool(died))


def _deaths(evidence: Evidence, run: Run) -> Iterator[JudgedCall]:
    """Yields calls refused with a token that was good; one that replaced it and is refused itself is another matter."""
    died = replaced = False
    for call in run.calls:
        if gives_token(evidence, call):
            replaced = died
        elif is_api(evidence, call) and call.entry.status == 401 and not replaced:
            died = True
            yield call
        elif is_api(evidence, call) and answered_well(call):
            died = replaced = False


def _not_replaced(evidence: Evidence, run: Run, refused: JudgedCall) -> str | None:
    """Says what is missing after a 401; None when nothing is, or when the provider gave no token."""
    if got_later(run, refused) or _was_repeated(evidence, run, refused):
        return None
    token = run.index.first_after(refused, "token request", lambda call: is_token(evidence, call))
    if token is None:
        return f"after {named(refused)} was answered with 401 run {run.number} requested no token"
    got = _next_token(evidence, run, refused)
    if got is None or run.index.last_of(refused) > got.entry.id:
        return None
    if stuck_at_key(evidence, run) is got or (form_to_take(got.entry) and is_unused(run, got)):
        return None  # the finding is that it fetched no keys, or did not take the answer
    return f"{named(refused)} was answered with 401 and never repeated with the token of call {got.entry.id}"


def _was_repeated(evidence: Evidence, run: Run, call: JudgedCall) -> bool:
    """Tells whether the call had its one repetition with another token and was refused again, since that one died.

    Another worker may have replaced the token before this call was refused.
    """
    same = run.index.grouped("401", lambda other: _is_unauthorized(evidence, other)).get(aim(call), [])
    first = run.index.first_that("401", lambda other: _is_unauthorized(evidence, other))
    token = None if first is None else _next_token(evidence, run, first)
    return len(same) > 1 and token is not None and token.entry.id < same[-1].entry.id


def _is_unauthorized(evidence: Evidence, call: JudgedCall) -> bool:
    return is_api(evidence, call) and call.entry.status == 401


def _next_token(evidence: Evidence, run: Run, call: JudgedCall) -> JudgedCall | None:
    """Returns the next call after this one that gave a token."""
    return run.index.first_after(call, "token", lambda other: gives_token(evidence, other))


def _asks_for_scope(evidence: Evidence) -> Ruling:
    needed = evidence.adapter.token_needs
    requests = [] if needed is None else [call for call in evidence.calls if is_token(evidence, call)]
    # A request that was too long to be kept may ask for it in its rest.
    whole = [call for call in requests if CUT not in call.entry.request]
    lacking = [call for call in whole if not (members(call.entry.request) or {}).get(needed or "")]
    if not lacking:
        return rule([], reached=bool(requests))
    text = f"{named(lacking[0])} asks for no {needed}, as {len(lacking)} of {times(len(requests), 'token request')} do"
    return rule([Finding(text, ids(lacking))], reached=True)


def _takes_a_right_for_final(evidence: Evidence) -> Ruling:
    """Finds runs that request token after token for calls that stay forbidden; one is allowed, and none is owed."""
    if evidence.adapter.token_operation is None:
        return rule([], reached=False)
    forbidden = [(run, call) for run in evidence.runs for call in run.calls if _is_forbidden(evidence, call)]
    first = {run.number: (run, call) for run, call in reversed(forbidden)}
    findings = []
    for run, refused in sorted(first.values(), key=lambda pair: pair[0].number):
        tokens = _tokens_while_forbidden(evidence, run, refused)
        if len(tokens) > 1:
            text = (
                f"run {run.number} requested {times(len(tokens), 'token')} after {named(refused)} was forbidden (403)"
            )
            findings.append(Finding(f"{text}, and it stayed so", ids([refused, *tokens])))
    return rule(findings, reached=bool(forbidden))


def _tokens_while_forbidden(evidence: Evidence, run: Run, refused: JudgedCall) -> list[JudgedCall]:
    """Returns the tokens with which a call was forbidden again, up to the next call that is answered well."""
    tokens: list[JudgedCall] = []
    untried: list[JudgedCall] = []
    for call in after(run, refused):
        if gives_token(evidence, call):
            untried.append(call)
        elif _is_forbidden(evidence, call):
            tokens += untried
            untried = []
        elif is_api(evidence, call) and answered_well(call):
            break
    return tokens


def _is_forbidden(evidence: Evidence, call: JudgedCall) -> bool:
    return is_api(evidence, call) and call.entry.status == 403


JUDGES: Judges = {
    "TOKEN-01": _one_token,
    "TOKEN-02": _keeps_token,
    "TOKEN-03": _replaces_token,
    "TOKEN-06": _asks_for_scope,
    "TOKEN-08": _takes_a_right_for_final,
}
