"""Questions of judges about calls: which are the same, which failed, which have a token, and their order."""

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from mockserver.foundation.problems import Violation
from mockserver.foundation.responses import Headers
from mockserver.judge.calls import Crawl, JudgedCall, is_start
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.token_answers import form_to_take
from mockserver.provider_api.judge_adapter import PageRequest
from mockserver.sandbox.faults import ClientMeets
from mockserver.sandbox.journal import Entry

IN_FLIGHT = 0.25
"""Real seconds: a call that came so soon after an answer may be another worker's, sent before that was known."""
MAX_CALLS = 6
"""Calls that a finding names."""


def named(call: JudgedCall) -> str:
    """Returns the call in words, such as `call 12 (GET /agencies/101/leads?limit=100)`."""
    entry = call.entry
    address = f"{entry.path}?{entry.query}" if entry.query else entry.path
    return f"call {entry.id} ({entry.method} {address if len(address) <= 100 else address[:99] + '…'})"


def ids(calls: Iterable[JudgedCall]) -> tuple[int, ...]:
    """Returns the ids of calls for a finding: the first of them, in order."""
    return tuple(sorted({call.entry.id for call in calls}))[:MAX_CALLS]


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
    entry = call.entry
    return entry.method, entry.path, entry.query, entry.request


def aim(call: JudgedCall) -> Hashable:
    """Returns a key that repetitions share, also those that ask up to a later moment or for smaller pages."""
    page_request = call.page_request
    return request(call) if page_request is None else (page_request.feed, page_request.since, page_request.place)


def together(calls: Iterable[JudgedCall]) -> Mapping[Hashable, list[JudgedCall]]:
    """Groups calls with their repetitions, in order."""
    groups: dict[Hashable, list[JudgedCall]] = {}
    for call in calls:
        groups.setdefault(aim(call), []).append(call)
    return groups


def after(run: Run, call: JudgedCall) -> Iterator[JudgedCall]:
    """Returns the calls of the run that came later."""
    return (later for later in run.calls if later.entry.id > call.entry.id)


def gap(first: JudgedCall, later: JudgedCall) -> float:
    """Returns real seconds from one call to another."""
    return later.entry.real_at - first.entry.real_at


def in_flight(first: JudgedCall, later: JudgedCall) -> bool:
    """Tells whether a call may have been sent before the first one was answered; a repetition cannot."""
    return gap(first, later) <= IN_FLIGHT and aim(first) != aim(later)


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
    fault = call.entry.fault
    if fault is None or call.entry.status == 0:
        return call.entry.status == 0
    is_spoilt = call.trouble is ClientMeets.SPOILING and not fault["in_contract"]
    return is_spoilt and form_to_take(call.entry) is None


def answered_well(call: JudgedCall) -> bool:
    """Tells whether the client got what it asked for."""
    return 200 <= call.entry.status < 300 and not spoilt(call)


def failed(call: JudgedCall) -> bool:
    """Tells whether the provider failed, or asked to come back later."""
    return call.entry.status == 429 or call.entry.status >= 500 or spoilt(call)


def gives_token(evidence: Evidence, call: JudgedCall) -> bool:
    """Tells whether the client got a token by it, for certain."""
    return is_token(evidence, call) and answered_well(call) and call.trouble is not ClientMeets.LATE


def got_later(run: Run, call: JudgedCall) -> bool:
    """Tells whether the page of a call came whole later in the run, alone or with its whole list read anew."""
    page_request = call.page_request
    if page_request is None:
        return any(request(later) == request(call) and answered_well(later) for later in after(run, call))
    if any(later.page is not None and aim(later) == aim(call) for later in after(run, call)):
        return True
    return any(crawl.pages[0].entry.id > call.entry.id and _covers(crawl, page_request) for crawl in run.crawls)


def _covers(crawl: Crawl, page_request: PageRequest) -> bool:
    first = crawl.pages[0].page_request
    from_start = first is not None and is_start(first)
    since = crawl.since is None or (page_request.since is not None and crawl.since <= page_request.since)
    until = crawl.until is None or page_request.until is None or crawl.until >= page_request.until
    return crawl.feed == page_request.feed and from_start and crawl.complete and since and until


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
    except ValueError:
        return dict(parse_qsl(text, keep_blank_values=True)) if "=" in text else None
    return value if isinstance(value, dict) else None
