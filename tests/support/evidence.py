"""Evidence written by hand, for tests of judges: calls in runs in evidence, short to say.

    evidence(run(seen(status=429, retry_after="2"), seen(after=0.5)), run(token()))

Calls are numbered and timed when they are put together: `after` is the real time since the call before.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.foundation.problems import Violation
from mockserver.foundation.redaction import MASK
from mockserver.foundation.responses import Headers
from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Ending, Evidence, HeldLead, LeadSnapshot, Run
from mockserver.provider_api.judge_adapter import Contact, JudgeAdapter, PageRequest, SeenLead, SeenPage, Write
from mockserver.sandbox.journal import Entry
from tests.conftest import NOW

HOST = "127.0.0.1:8080"
REFUSED = {"error": "refused"}
LIST, TOKEN, KEYS = "listLeads", "issueToken", "jwks"
_SENT = {"host": HOST, "user-agent": "test/1.0", "authorization": MASK}


def _reference(entry: Entry) -> str | None:
    value = json.loads(entry.request).get("reference")
    return None if value is None else str(value)


JUDGE_ADAPTER = JudgeAdapter(
    ordered_by="created",
    uses_offsets=True,
    read_page_request=lambda entry, readings: None,
    read_page=lambda entry, readings: None,
    read_details=lambda entry, readings: (),
    read_lead=lambda lead: SeenLead(str(lead["id"])),
    is_listed=lambda enquiry, feed, sandbox: True,
    environment=lambda urls, credentials, agency: {},
    token_operation=TOKEN,
    keys_operation=KEYS,
    token_needs="scope",
    detail_operation="getLead",
    writes={
        "createLead": Write(creates=True, reference=_reference),
        "createNote": Write(creates=True),
        "updateLead": Write(creates=False, target=lambda entry: entry.path.rpartition("/")[2]),
    },
    longest_window=7 * 86_400,
)
"""Of a provider that there is not: its tokens need a scope, its lists a period of a week at most."""
BASIC = replace(JUDGE_ADAPTER, token_operation=None, token_needs=None, keys_operation=None)
"""The same with HTTP Basic."""


def headers(fields: Mapping[str, str]) -> Headers:
    """Headers as the journal keeps them."""
    return tuple((name.encode(), value.encode("latin-1")) for name, value in fields.items())


def entry(
    *,
    operation: str = LIST,
    method: str = "GET",
    path: str = "/leads",
    query: str = "",
    status: int = 200,
    after: float = 0.01,
    request: object = None,
    reply: object = None,
    fault: str | None = None,
    in_contract: bool = False,
    violations: Sequence[Violation] = (),
    notes: Sequence[str] = (),
    sent: Mapping[str, str | None] | None = None,
    answered: Mapping[str, str] | None = None,
    retry_after: str | None = None,
) -> Entry:
    """A call in the journal. `sent` are request headers beside the usual ones, None takes one away."""
    body, answer_body = _text(request), _text(reply if reply is not None or status < 400 else REFUSED)
    sending = {**_SENT, **({"content-type": "application/json"} if body else {}), **(sent or {})}
    answer = {**({"retry-after": retry_after} if retry_after else {}), **(answered or {})}
    return Entry(
        id=0,
        at=0.0,
        real_at=after,
        provider="fake",
        operation=operation,
        method=method,
        path=path,
        query=query,
        status=status,
        duration_ms=1.0,
        violations=violations,
        notes=notes,
        request=body,
        request_bytes=len(body.encode()),
        reply=answer_body,
        reply_bytes=len(answer_body.encode()),
        fault=None if fault is None else {"id": "f1", "kind": fault, "in_contract": in_contract},
        request_headers=headers({name: value for name, value in sending.items() if value is not None}),
        reply_headers=headers(answer),
    )


def _text(body: object) -> str:
    return "" if body is None else body if isinstance(body, str) else json.dumps(body)


def seen(
    *,
    page_request: PageRequest | None = None,
    page: SeenPage | None = None,
    place: str = "",
    since: float | None = None,
    until: float | None = None,
    details: tuple[SeenLead, ...] = (),
    **members: Any,
) -> JudgedCall:
    """A call; one of the list asks for a page of it, and gets an empty last one when nothing else is said."""
    if members.get("operation", LIST) == LIST:
        members.setdefault("query", f"offset={place}" if place else "")
        page_request = page_request or PageRequest("leads", since, until, place, 100)
        spoilt = members.get("fault") is not None and not members.get("in_contract", False)
        if page is None and members.get("status", 200) in range(200, 300) and not spoilt:
            page = SeenPage((), None)
    return JudgedCall(entry(**members), 0, page_request, page, details)


def shows(
    *leads: LeadSnapshot | str,
    place: str = "",
    next: str | None = None,
    total: int | None = None,
    feed: str = "leads",
    since: float | None = None,
    until: float | None = None,
    **members: Any,
) -> JudgedCall:
    """A whole page with these leads; it is the last one unless `next` is said."""
    page = SeenPage(tuple(map(item, leads)), next, total)
    return seen(page_request=PageRequest(feed, since, until, place, 100), page=page, query=f"offset={place}", **members)


def item(lead: LeadSnapshot | str) -> SeenLead:
    """A lead as an answer shows it."""
    return SeenLead(lead) if isinstance(lead, str) else SeenLead(lead.id, lead.contact, lead.parent)


def holds(*leads: LeadSnapshot | str) -> list[HeldLead]:
    """Lines of an outcome with nothing but ids."""
    return [HeldLead(lead if isinstance(lead, str) else lead.id) for lead in leads]


def token(
    *, scope: str | None = "read", expires_in: object = 86_400, token_type: str = "Bearer", **members: Any
) -> JudgedCall:
    """A request for a token; the answer has one unless the status says something else."""
    body = {"client_id": "us", "client_secret": MASK, **({"scope": scope} if scope else {})}
    good = members.get("status", 200) < 400
    life = {} if expires_in is None else {"expires_in": expires_in}
    reply = {"access_token": MASK, "token_type": token_type, **life} if good else REFUSED
    members = {"request": body, "reply": reply, **members}
    members["sent"] = {"authorization": None, **members.get("sent", {})}
    return seen(operation=TOKEN, method="POST", path="/oauth/token", **members)


def write(operation: str = "createLead", body: object = None, **members: Any) -> JudgedCall:
    """A call that creates or changes a lead."""
    members = {"method": "POST", "path": "/leads", "status": 201, "request": body, **members}
    return seen(operation=operation, **members)


def lead(
    id: str = "1",
    *,
    erased: bool = False,
    contact: Contact | None = None,
    created: float = NOW,
    updated: float | None = None,
    parent: str | None = None,
    feeds: Sequence[str] = ("leads",),
    lists: Sequence[str] = (),
    enquiry: int = 1,
    repeats: int | None = None,
    **raw: object,
) -> LeadSnapshot:
    """A lead as it really is; not changed since it was created, when nothing else is said."""
    dates = created, created if updated is None else updated
    return LeadSnapshot(
        *(id, enquiry, *dates, 101, contact or Contact(), erased, parent, frozenset(feeds)),
        raw={"id": id, **raw},
        lists=frozenset(lists or feeds),
        repeats=repeats,
    )


def run(
    *calls: JudgedCall,
    began: float = NOW,
    client_now: float | None = None,
    ended: float | None = None,
    exit_code: int | None = 0,
    ending: Ending = "itself",
    output: str = "",
    outcome: Sequence[HeldLead] | None = None,
    before: Sequence[LeadSnapshot] = (),
    after: Sequence[LeadSnapshot] = (),
    unreadable: str = "",
) -> Run:
    """The client, run once; `began` is the virtual time of its first call, and what it was told unless said."""
    return Run(
        number=0,
        client_now=began if client_now is None else client_now,
        began=began,
        ended=began if ended is None else ended,
        seconds=sum(call.entry.real_at for call in calls),
        exit_code=exit_code if ending == "itself" else None,
        ending=ending,
        output=output,
        outcome=None if outcome is None else tuple(outcome),
        before={lead.id: lead for lead in before},
        after={lead.id: lead for lead in after},
        calls=calls,
        unreadable=unreadable,
    )


def evidence(*runs: Run, adapter: JudgeAdapter = JUDGE_ADAPTER, **members: Any) -> Evidence:
    """Everything of a drill. Here runs and calls get their numbers and times."""
    defaults: dict[str, Any] = {
        "provider": "fake",
        "drill": "by-hand",
        "readings": {},
        "variant": None,
        "world": "small",
        "aims": (),
    }
    number, real, numbered = 0, float(NOW), []
    for index, run in enumerate(runs, 1):
        calls, passed = [], 0.0
        for call in run.calls:
            number, passed = number + 1, passed + call.entry.real_at
            at = run.began + passed
            calls.append(replace(call, entry=replace(call.entry, id=number, at=at, real_at=real + passed), run=index))
        real += passed + 1
        numbered.append(replace(run, number=index, calls=tuple(calls)))
    return Evidence(adapter=adapter, runs=numbered, **{**defaults, "skew": 0.0, **members})
