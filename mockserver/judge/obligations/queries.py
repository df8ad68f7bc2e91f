"""Questions of judges about calls: which are the same, which failed, which have a token, and their order."""

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

from mockserver.foundation.problems import Violation
from mockserver.foundation.responses import Headers
from mockserver.judge.calls import JudgedCall, aim_of, request_of, was_answered_well, was_spoilt
from mockserver.judge.evidence import Evidence, Run
from mockserver.sandbox.faults import ClientMeets
from mockserver.sandbox.journal import Entry

IN_FLIGHT = 0.25
"""Real seconds: a call that came so soon after an answer may be another worker's, sent before that was known."""
_REST = 0.5
"""Real seconds between two calls of a client that never ends, in which it rests."""
MAX_CALLS = 6
"""Calls that a finding names."""


def named(call: JudgedCall) -> str:
    """Returns the call in words, such as `call 12 (GET /agencies/101/leads?limit=100)`."""
    entry = call.entry
    address = f"{entry.path}?{entry.query}" if entry.query else entry.path
    return f"call {entry.id} ({entry.method} {address if len(address) <= 100 else address[:99] + '…'})"


def ids(calls: Iterable[JudgedCall]) -> tuple[int, ...]:
    """Returns the ids of calls for a finding: the first of them, in order."""
    return tuple(nsmallest(MAX_CALLS, {call.entry.id for call in calls}))


def times(count: int, noun: str) -> str:
    """Returns a count with its noun: `1 call`, `2 calls`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def and_more(items: Sequence[object]) -> str:
    """Returns the end of a sentence about the first of some items: `, and so 2 times more`; empty for one alone."""
    more = len(items) - 1
    return f", and so {'once' if more == 1 else f'{more} times'} more" if more else ""


def shortened(place: str) -> str:
    """Returns a place in a list with at most 40 characters."""
    return place if len(place) <= 40 else f"{place[:37]}..."


def header(headers: Headers, name: bytes) -> str | None:
    """Returns the first value of a header; `name` is in lower case."""
    return next((value.decode("latin-1") for other, value in headers if other.lower() == name), None)


def request(call: JudgedCall) -> Hashable:
    """Returns method, path, query and body, which make two calls the same."""
    return request_of(call)


def aim(call: JudgedCall) -> Hashable:
    """Returns a key that repetitions share, also those that ask up to a later moment or for smaller pages."""
    return aim_of(call)


def together(calls: Iterable[JudgedCall]) -> Mapping[Hashable, list[JudgedCall]]:
    """Groups calls with their repetitions, in order."""
    groups: dict[Hashable, list[JudgedCall]] = {}
    for call in calls:
        groups.setdefault(aim(call), []).append(call)
    return groups


def after(run: Run, call: JudgedCall) -> Iterator[JudgedCall]:
    """Returns the calls of the run that came later."""
    return run.index.after(call)


def gap(first: JudgedCall, later: JudgedCall) -> float:
    """Returns real seconds from one call to another."""
    return later.entry.real_at - first.entry.real_at


def in_flight(first: JudgedCall, later: JudgedCall) -> bool:
    """Tells whether a call may have been sent before the first one was answered; a repetition cannot."""
    return gap(first, later) <= IN_FLIGHT and aim(first) != aim(later)


def rounds(run: Run) -> Iterator[Sequence[JudgedCall]]:
    """Yields the calls of a run, those of a client that never ends by its rounds: it begins the next one after a rest.

    A program that is run by a timer does the same in as many runs.
    """
    if run.ending != "settled":
        yield run.calls
        return
    first = 0
    for number, (before, call) in enumerate(pairwise(run.calls), 1):
        if gap(before, call) >= _REST:
            yield run.calls[first:number]
            first = number
    yield run.calls[first:]


def is_token(evidence: Evidence, call: JudgedCall) -> bool:
    """Tells whether it requested a token."""
    return call.entry.operation != "" and call.entry.operation == evidence.adapter.token_operation


def is_api(evidence: Evidence, call: JudgedCall) -> bool:
    """Tells whether it is a call that needs credentials, and has some."""
    return not is_token(evidence, call) and header(call.entry.request_headers, b"authorization") is not None


def asks(call: JudgedCall) -> bool:
    """Tells whether it asked for a page of leads and not only for its headers."""
    return call.page_request is not None and call.entry.method not in ("HEAD", "OPTIONS")


def spoilt(call: JudgedCall) -> bool:
    """Tells whether there was no answer, or none that can be believed."""
    return was_spoilt(call)


def answered_well(call: JudgedCall) -> bool:
    """Tells whether the client got what it asked for."""
    return was_answered_well(call)


def failed(call: JudgedCall) -> bool:
    """Tells whether the provider failed, or asked to come back later."""
    return call.entry.status == 429 or call.entry.status >= 500 or spoilt(call)


def gives_token(evidence: Evidence, call: JudgedCall) -> bool:
    """Tells whether the client got a token by it, for certain."""
    return is_token(evidence, call) and answered_well(call) and call.trouble is not ClientMeets.LATE


def got_later(run: Run, call: JudgedCall) -> bool:
    """Tells whether the page of a call came whole later in the run, alone or with its whole list read anew."""
    return run.index.got_later(call)


def last_tries(calls: Sequence[JudgedCall]) -> Iterator[JudgedCall]:
    """Returns, of each call with its repetitions, the last one."""
    return (group[-1] for group in together(calls).values())


def wrongs(entry: Entry) -> list[Violation]:
    """Returns the violations by the client; those of an answer are faults of ours."""
    return [violation for violation in entry.violations if violation.place != "reply"]


def members(text: str) -> dict[str, Any] | None:
    """Returns the members of a body, JSON or form; None when it is neither."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return dict(parse_qsl(text, keep_blank_values=True)) if "=" in text else None
    return value if isinstance(value, dict) else None
