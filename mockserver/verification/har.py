"""Writes the journal as an HTTP archive (HAR 1.2), for browsers' and other tools' network views."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from mockserver.foundation.clock import iso
from mockserver.foundation.reasons import reason
from mockserver.foundation.version import __version__
from mockserver.sandbox.journal import Entry, texts


def to_har(entries: Iterable[Entry], urls: Mapping[str, str], body_limit: int) -> dict[str, Any]:
    """Returns an archive of those calls. `urls` has the address of each provider; members with `_` are ours."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "lead-mockserver", "version": __version__},
            "entries": [har_entry(entry, urls, body_limit) for entry in entries],
        }
    }


def har_entry(entry: Entry, urls: Mapping[str, str], body_limit: int) -> dict[str, Any]:
    """Returns one call as an entry of an archive."""
    base, limit = urls.get(entry.provider, ""), body_limit
    return {
        "startedDateTime": iso(entry.real_at),
        "time": entry.duration_ms,
        "request": _request(entry, base, limit),
        "response": _response(entry, limit),
        "cache": {},
        "timings": {"send": 0, "wait": entry.duration_ms, "receive": 0},
        "comment": "; ".join(entry.notes),
        "_id": entry.id,
        "_at": iso(entry.at),
        "_provider": entry.provider or None,
        "_operation": entry.operation or None,
        "_violations": [violation.as_dict() for violation in entry.violations],
        "_fault": entry.fault,
    }


def _request(entry: Entry, base: str, limit: int) -> dict[str, Any]:
    request = {
        "method": entry.method,
        "url": (base or f"http://{_header(entry.request_headers, b'host')}")
        + entry.path
        + (f"?{entry.query}" if entry.query else ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(entry.request_headers),
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(entry.query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": entry.request_bytes,
    }
    if entry.request_bytes:
        request["postData"] = {"text": entry.request, **_about(entry.request_headers, entry.request_bytes, limit)}
    return request


def _response(entry: Entry, limit: int) -> dict[str, Any]:
    about = _about(entry.reply_headers, entry.reply_bytes, limit)
    return {
        "status": entry.status,
        "statusText": reason(entry.status) or "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(entry.reply_headers),
        "content": {"size": entry.reply_bytes, "text": entry.reply, **about},
        "redirectURL": _header(entry.reply_headers, b"location"),
        "headersSize": -1,
        "bodySize": entry.reply_bytes,
    }


def _about(headers: Iterable[tuple[bytes, bytes]], size: int, limit: int) -> dict[str, str]:
    about = {"mimeType": _header(headers, b"content-type")}
    return {**about, "comment": f"cut after {limit} of {size} bytes"} if size > limit else about


def _headers(headers: tuple[tuple[bytes, bytes], ...]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in texts(headers)]


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    return next((value.decode("latin-1") for other, value in headers if other.lower() == name), "")
