"""Replies in bytes, each checked against the contract before it may leave."""

from collections.abc import Iterable

import orjson

from mockserver.contract import ResponseSpec
from mockserver.contract.checks import violations
from mockserver.foundation.problems import Violation, internal_error
from mockserver.provider_api.call import Reply
from mockserver.provider_api.pages import Page

Headers = tuple[tuple[bytes, bytes], ...]
EncodedResponse = tuple[int, Headers, bytes, Page | None]
"""Status, headers, body; and the page that it was made of, if it was."""

_MAX_KEPT = 256 * 1024
"""Bytes of a page's body that are kept beside its items; larger pages are joined anew each time."""


def encode_reply(reply: Reply, spec: ResponseSpec | None) -> EncodedResponse:
    """The reply in bytes. Raises `internal_error` when the contract does not have it like that."""
    page = reply.body if isinstance(reply.body, Page) else None
    if page:
        wrong, body = ([], page.encoded) if page.encoded else _check_page(page, spec)
    else:
        wrong = spec.check(reply.media_type, reply.body) if spec else _undocumented(reply.status)
        body = b"" if wrong else orjson.dumps(reply.body)
    if wrong:
        raise internal_error(wrong)
    return reply.status, encode_head(reply), body, page


def encode_head(reply: Reply) -> Headers:
    """The headers of a reply."""
    return ((b"content-type", reply.media_type.encode()), *encode_headers(reply.headers))


def encode_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """Headers in bytes."""
    return tuple((name.encode(), value.encode("latin-1", "replace")) for name, value in headers)


def _check_page(page: Page, spec: ResponseSpec | None) -> tuple[list[Violation], bytes]:
    if spec is None or spec.listing is None:
        return _undocumented(200), b""
    path = spec.listing.path
    envelope = {path[0]: [], **page.envelope}
    if len(path) == 2:
        envelope[path[0]] = {path[1]: [], **page.envelope[path[0]]}
    if wrong := violations(spec.listing.envelope, envelope, "reply"):
        return wrong, b""
    # The array comes first in its object, so the first place that looks like it is it.
    empty = b'"%b":[]' % path[-1].encode()
    before, _, after = orjson.dumps(envelope).partition(empty)
    body = b"%b%b%b]%b" % (before, empty[:-1], b",".join(page.items), after)
    if len(body) <= _MAX_KEPT:
        page.encoded = body
    return [], body


def _undocumented(status: int) -> list[Violation]:
    return [Violation("reply", "", "status", f"status {status} is not in the contract of this operation")]
