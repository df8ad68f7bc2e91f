"""What judges ask of calls: which are the same, which failed, which have a token, what came after which."""

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from mockserver.foundation.problems import Violation
from mockserver.foundation.responses import Headers
from mockserver.judge.calls import Crawl, JudgedCall, is_start
from mockserver.judge.evidence import Evidence, Run
from mockserver.provider_api.judge_adapter import PageRequest
from mockserver.sandbox.faults import ClientMeets
from mockserver.sandbox.journal import Entry

IN_FLIGHT = 0.25
"""Real seconds: a call that came so soon after an answer may be another worker's, sent before that was known."""
MOST = 6
"""Calls that a finding names."""


def named(call: JudgedCall) -> str:
    """The call in words, such as `call 12 (GET /agencies/101/leads?limit=100)`."""
    entry = call.entry
    address = f"{entry.path}?{entry.query}" if entry.query else entry.path
    return f"call {entry.id} ({entry.method} {address if len(address) <= 100 else address[:99] + '…'})"


def ids(calls: Iterable[JudgedCall]) -> tuple[int, ...]:
    """The calls as evidence of a finding: the first of them, in order."""
    return tuple(sorted({call.entry.id for call in calls}))[:MOST]


def times(count: int, noun: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def header(headers: Headers, name: bytes) -> str | None:
    """The first value of a header; `name` in lower case."""
    return next((value.decode("latin-1") for known, value in headers if known.lower() == name), None)


def request(call: JudgedCall) -> Hashable:
    """What makes two calls the same: method, path, query and body."""
    entry = call.entry
    return entry.method, entry.path, entry.query, entry.request


def aim(call: JudgedCall) -> Hashable:
    """What makes a call a repetition of another, also when it asks up to a later moment or for smaller pages."""
    asked = call.page_request
    return request(call) if asked is None else (asked.feed, asked.since, asked.place)


def together(calls: Iterable[JudgedCall]) -> Mapping[Hashable, list[JudgedCall]]:
    """Calls with their repetitions, in order."""
    groups: dict[Hashable, list[JudgedCall]] = {}
    for call in calls:
        groups.setdefault(aim(call), []).append(call)
    return groups


def after(run: Run, call: JudgedCall) -> Iterator[JudgedCall]:
    """The calls of the run that came later."""
    return (later for later in run.calls if later.entry.id > call.entry.id)


def gap(first: JudgedCall, later: JudgedCall) -> float:
    """Real seconds from one call to another."""
    return later.entry.real_at - first.entry.real_at


def in_flight(first: JudgedCall, later: JudgedCall) -> bool:
    """Whether a call may have been on its way before the first one was answered; a repetition cannot."""
    return gap(first, later) <= IN_FLIGHT and aim(first) != aim(later)


def is_token(evidence: Evidence, call: JudgedCall) -> bool:
    """Whether it requested a token."""
    return call.entry.operation != "" and call.entry.operation == evidence.adapter.token_operation


def is_api(evidence: Evidence, call: JudgedCall) -> bool:
    """Whether it is a call that needs credentials to be carried out, with some."""
    return not is_token(evidence, call) and header(call.entry.request_headers, b"authorization") is not None


def asks(call: JudgedCall) -> bool:
    """Whether it asked for a page of leads and not only for its headers."""
    return call.page_request is not None and call.entry.method not in ("HEAD", "OPTIONS")


def spoilt(call: JudgedCall) -> bool:
    """Whether the answer was none, or none that can be believed."""
    fault = call.entry.fault
    return call.entry.status == 0 or (
        fault is not None and call.trouble is ClientMeets.SPOILING and not fault["in_contract"]
    )


def answered_well(call: JudgedCall) -> bool:
    """Whether the client was given what it asked for."""
    return 200 <= call.entry.status < 300 and not spoilt(call)


def failed(call: JudgedCall) -> bool:
    """Whether the provider failed, or asked to come back later."""
    return call.entry.status == 429 or call.entry.status >= 500 or spoilt(call)


def gives_token(evidence: Evidence, call: JudgedCall) -> bool:
    """Whether the client got a token by it, for certain."""
    return is_token(evidence, call) and answered_well(call) and call.trouble is not ClientMeets.LATE


def got_later(run: Run, call: JudgedCall) -> bool:
    """Whether the page that a call asked for came whole later in the run, alone or with its whole list read anew."""
    asked = call.page_request
    if asked is None:
        return any(request(later) == request(call) and answered_well(later) for later in after(run, call))
    if any(later.page is not None and aim(later) == aim(call) for later in after(run, call)):
        return True
    return any(crawl.pages[0].entry.id > call.entry.id and _covers(crawl, asked) for crawl in run.crawls)


def _covers(crawl: Crawl, asked: PageRequest) -> bool:
    first = crawl.pages[0].page_request
    from_start = first is not None and is_start(first)
    since = crawl.since is None or (asked.since is not None and crawl.since <= asked.since)
    until = crawl.until is None or asked.until is None or crawl.until >= asked.until
    return crawl.feed == asked.feed and from_start and crawl.complete and since and until


def last_tries(calls: Sequence[JudgedCall]) -> Iterator[JudgedCall]:
    """Of each call with its repetitions the last one."""
    return (group[-1] for group in together(calls).values())


def wrongs(entry: Entry) -> list[Violation]:
    """What the client broke of the contract; what is wrong with an answer is a fault of ours."""
    return [violation for violation in entry.violations if violation.place != "reply"]


def members(text: str) -> dict[str, Any] | None:
    """The members of a body, JSON or form; None when it is neither."""
    try:
        value = json.loads(text)
    except ValueError:
        return dict(parse_qsl(text, keep_blank_values=True)) if "=" in text else None
    return value if isinstance(value, dict) else None
