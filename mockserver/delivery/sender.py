"""The sender makes one attempt over HTTP: to the address that was checked, without redirects, within a time limit."""

import asyncio
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from mockserver.delivery.message import WebhookRequest
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.version import __version__
from mockserver.sandbox.webhooks import Refused, TargetGuard

if TYPE_CHECKING:
    from ssl import SSLContext

    from mockserver.delivery.http_post import HttpPost

log = logging.getLogger("mockserver.webhooks")

_MAX_READ = 64 * 1024
"""Bytes of an answer that are read, and then forgotten."""
_DRAIN = 1.0
"""Real seconds in which they are read: the status has decided, and a receiver that goes on is hung up on."""
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an attempt."""

    status: int | None
    reason: str | None
    """The reason of a failure; None when it succeeded."""


class _NotFound(Exception):
    """A host without an address; the message says why."""


class Sender:
    """Sends requests from one event loop."""

    def __init__(self, guard: TargetGuard, timeout: float, ca: Path | None = None) -> None:
        """`timeout` is in real seconds; `ca` has certificates that receivers may have, too."""
        self._guard = guard
        self._timeout = timeout
        self._ca = ca
        self._trusted: SSLContext | None = None

    async def send(self, request: WebhookRequest) -> Outcome:
        """Tries once; it raises nothing but CancelledError."""
        try:
            trusted = await self._get_trusted() if urlsplit(request.url).scheme == "https" else None
        except Exception as error:
            return Outcome(
                None, f"the certificates to trust (SSL_CERT_FILE, SSL_CERT_DIR, --webhook-ca) cannot be read: {error}"
            )
        try:
            async with asyncio.timeout(self._timeout):
                addresses = await self._addresses(request.url)
                post, status = await _post(request, addresses, trusted)
        except TimeoutError:
            return Outcome(None, f"no answer within {self._timeout:g} s")
        except Refused as refused:
            return Outcome(None, str(refused))
        except _NotFound as error:
            return Outcome(None, f"the host was not found: {error}")
        except Exception as error:
            return _failure(error)
        await _read_rest(post)
        return _outcome_of(status)

    async def _addresses(self, url: str) -> Sequence[str]:
        try:
            return await self._guard.addresses(url)
        except OSError as error:
            raise _NotFound(error.strerror or str(error)) from error

    async def _get_trusted(self) -> "SSLContext":
        if self._trusted is None:
            # Not in the event loop, which has calls to answer; nor is the receiver to blame for the time that it takes.
            read = await asyncio.to_thread(_read_trusted, self._ca)
            self._trusted = self._trusted or read
        return self._trusted


async def _post(
    request: WebhookRequest, addresses: Sequence[str], trusted: "SSLContext | None"
) -> tuple["HttpPost", int]:
    """Returns the status that the first of the addresses answers that can be reached, and the connection to it."""
    from mockserver.delivery.http_post import HttpPost, Unreachable

    parts = urlsplit(request.url)
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    if parts.query:
        target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?")
    headers = [
        ("Host", parts.netloc),
        ("User-Agent", f"mockserver/{__version__}"),
        ("Accept", "*/*"),
        *request.headers,
        ("Content-Length", str(len(request.body))),
        ("Connection", "close"),
    ]
    port = parts.port or (80 if trusted is None else 443)
    for number, address in enumerate(addresses, 1):
        try:
            # The certificate must be that of the host, however it was reached.
            post = await HttpPost.connect(address, port, trusted, str(parts.hostname))
        except Unreachable:
            if number == len(addresses):
                raise
            continue
        try:
            return post, await post.send(target, headers, request.body)
        except BaseException:
            post.close()
            raise
    raise Unreachable("the host has no address")


async def _read_rest(post: "HttpPost") -> None:
    try:
        async with asyncio.timeout(_DRAIN):
            await post.drain(_MAX_READ)
    except Exception:
        # The status, which decides, came before.
        log.debug("the answer to a webhook broke off")
    finally:
        post.close()


def _outcome_of(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome(status, None)
    if status in _REDIRECTS:
        return Outcome(status, f"the answer was {status}, and redirects are not followed")
    return Outcome(status, f"the answer was {status}")


def _failure(error: Exception) -> Outcome:
    from h11 import RemoteProtocolError

    from mockserver.delivery.http_post import Unreachable

    if isinstance(error, Unreachable):
        return Outcome(None, f"nobody could be reached: {error}")
    if isinstance(error, OSError | RemoteProtocolError):
        return Outcome(None, f"the connection broke: {type(error).__name__}")
    log.warning("a webhook could not be sent: %s", type(error).__name__)
    return Outcome(None, f"it could not be sent: {type(error).__name__}")


def _read_trusted(ca: Path | None) -> "SSLContext":
    import ssl

    trusted = ssl.create_default_context()
    # OpenSSL reads these itself, but passes over what is not there.
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or folder:
        trusted.load_verify_locations(file or None, folder or None)
    if ca is not None:
        trusted.load_verify_locations(ca)
    return trusted
