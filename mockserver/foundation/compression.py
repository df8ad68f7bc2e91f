"""Compressed bodies (RFC 9110 §8.4): whether a client takes gzip, and a response in that form.

A response is marked where it is made, so that the journal has its headers, and compressed where it is sent: the journal
keeps the body as text.
"""

import gzip
import re
from collections.abc import Mapping

from mockserver.foundation.responses import EncodedResponse, media_type_of

MIN_SIZE = 1_024
"""Bytes: a smaller body hardly gets smaller."""
_GZIP = (b"content-encoding", b"gzip")
_VARY = (b"vary", b"accept-encoding")
_CODING = re.compile(r"\s*([^\s;,]+)\s*(?:;\s*q\s*=\s*([0-9.]+)\s*)?(?=,|$)", re.IGNORECASE)


def accepts_gzip(headers: Mapping[bytes, bytes]) -> bool:
    """Tells whether a request says by its Accept-Encoding that it takes gzip; a weight of 0 says the opposite."""
    text = headers.get(b"accept-encoding", b"").decode("latin-1")
    weights = {name.lower(): _weight(weight) for name, weight in _CODING.findall(text)}
    named = next((weights[name] for name in ("gzip", "x-gzip") if name in weights), weights.get("*", 0.0))
    return named > 0


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def marked_for_gzip(response: EncodedResponse, request_headers: Mapping[bytes, bytes]) -> EncodedResponse:
    """Returns the response with the headers of a compressed one, where the client takes that and it is worth it.

    What is short, is encoded already, or is a stream of events stays as it is.
    """
    if len(response.body) < MIN_SIZE or media_type_of(response).startswith("text/event-stream"):
        return response
    if any(name == _GZIP[0] for name, _ in response.headers):
        return response
    headers = (*response.headers, _VARY)
    return response._replace(headers=(*headers, _GZIP) if accepts_gzip(request_headers) else headers)


def body_to_send(response: EncodedResponse) -> bytes:
    """Returns the body in the form that the headers of the response tell; the same body has the same bytes again."""
    return gzip.compress(response.body, mtime=0) if _GZIP in response.headers else response.body
