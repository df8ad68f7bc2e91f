"""Digests the answers that a client was shown in a drill: the same digest under two readings shows no difference."""

import re
from collections.abc import Iterable
from hashlib import blake2b

from mockserver.judge.calls import JudgedCall

_DIGITS = bytes.maketrans(b"0123456789", b"0000000000")
"""Moments differ from drill to drill, and are as long in both."""
_SANDBOX = re.compile(rb"/~[\w.-]+")


def digest_answers(calls: Iterable[JudgedCall]) -> bytes:
    """Returns a digest of all answers, in any order: status, leads, totals and the form of bodies, without moments."""
    return blake2b(b"".join(sorted(map(_of_call, calls)))).digest()


def _of_call(call: JudgedCall) -> bytes:
    page = call.page
    ids = [item.id for item in call.items]
    facts = (call.entry.operation, call.entry.status, ids, None if page is None else (page.next is None, page.total))
    text = call.entry.reply
    if page is not None and page.next:
        text = text.replace(page.next, "")  # a cursor is another one in each sandbox
    body = _SANDBOX.sub(b"", text.encode("utf-8", "replace")).translate(_DIGITS)
    return blake2b(repr(facts).encode("utf-8", "replace") + body).digest()
