"""Responses in bytes, each checked against the contract before it may leave."""

from collections.abc import Iterable, Sequence
from email.utils import formatdate
from functools import lru_cache

import orjson

from mockserver.contract import ResponseSpec
from mockserver.contract.checks import violations
from mockserver.foundation.compression import VARY
from mockserver.foundation.problems import Violation, internal_error
from mockserver.foundation.responses import EncodedResponse, Headers, encoded_response
from mockserver.foundation.version import __version__
from mockserver.provider_api.call import Reply
from mockserver.provider_api.pages import Page

_MAX_CACHED = 256 * 1024
"""Bytes of a page's body that are kept beside its items; larger pages are joined anew each time."""
MANY = 2_000
"""Items of a page; more are some megabytes."""
_SERVER = (b"server", f"mockserver/{__version__}".encode())


def encode_reply(reply: Reply, spec: ResponseSpec | None) -> EncodedResponse:
    """Returns the reply in bytes. Raises `internal_error` when the contract does not have it like that."""
    body = reply.body
    if isinstance(body, Page):
        encoded = body.encoded or _join(body, spec)
    elif wrong := spec.check(reply.media_type, body) if spec else _undocumented(reply.status):
        raise internal_error(wrong)
    else:
        encoded = orjson.dumps(body)
    return encoded_response((reply.status, _headers_of(reply), encoded))


def is_large(reply: Reply) -> bool:
    """Tells whether it takes some milliseconds to put the reply together."""
    return isinstance(reply.body, Page) and len(reply.body.items) > MANY


def encode_unchecked(reply: Reply) -> EncodedResponse:
    """Returns a reply in bytes of which it does not matter whether the contract has it."""
    return EncodedResponse(reply.status, _headers_of(reply), orjson.dumps(reply.body))


def encode_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """Returns headers in bytes."""
    return tuple([(name.encode(), value.encode("latin-1", "replace")) for name, value in headers])


@lru_cache(16)
def server_and_date(now: int) -> Headers:
    """Returns the headers that every response has; `now` is the time of the sandbox."""
    return _SERVER, (b"date", formatdate(now, usegmt=True).encode()), VARY


def _headers_of(reply: Reply) -> Headers:
    content_type = _content_type(reply.media_type)
    return (*content_type, *encode_headers(reply.headers)) if reply.headers else content_type


@lru_cache(16)
def _content_type(media_type: str) -> Headers:
    return ((b"content-type", media_type.encode()),)


def _join(page: Page, spec: ResponseSpec | None) -> bytes:
    if spec is None or spec.listing is None:
        raise internal_error(_undocumented(200))
    path = spec.listing.path
    envelope = {path[0]: [], **page.envelope}
    if len(path) == 2:
        envelope[path[0]] = {path[1]: [], **page.envelope[path[0]]}
    if wrong := violations(spec.listing.envelope, envelope, "reply"):
        raise internal_error(wrong)
    # The array comes first in its object, so the first place that looks like it is it.
    empty = b'"%b":[]' % path[-1].encode()
    before, _, after = orjson.dumps(envelope).partition(empty)
    body = joined(before + empty[:-1], page.items, b"]" + after)
    if len(body) <= _MAX_CACHED:
        page.cache_encoded(body)
    return body


def joined(before: bytes, items: Sequence[bytes], after: bytes) -> bytes:
    """Returns the items between two parts, separated by commas; a large page is copied only once."""
    if not items:
        return before + after
    parts = list(items)
    parts[0] = before + parts[0]
    parts[-1] += after
    return b",".join(parts)


def _undocumented(status: int) -> list[Violation]:
    return [Violation("reply", "", "status", f"status {status} is not in the contract of this operation")]
