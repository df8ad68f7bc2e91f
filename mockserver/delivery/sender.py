"""The sender makes one attempt over HTTP: to the address that was checked, without redirects, within a time limit."""

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from mockserver.delivery.message import WebhookRequest
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.version import __version__
from mockserver.sandbox.webhooks import Refused, TargetGuard

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger("mockserver.webhooks")

_MAX_READ = 64 * 1024
"""Bytes of an answer that are read, and then forgotten."""
_DRAIN = 1.0
"""Real seconds in which they are read: the status has decided, and a receiver that goes on is hung up on."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an attempt."""

    status: int | None
    reason: str | None
    """The reason of a failure; None when it succeeded."""


class Sender:
    """Sends requests from one event loop."""

    def __init__(self, guard: TargetGuard, timeout: float, ca: Path | None = None) -> None:
        """`timeout` is in real seconds; `ca` has certificates that receivers may have, too."""
        self._guard = guard
        self._timeout = timeout
        self._ca = ca
        self._client: httpx2.AsyncClient | None = None

    async def send(self, request: WebhookRequest) -> Outcome:
        """Tries once; it raises nothing but CancelledError."""
        try:
            client = await self._get_client()
        except Exception as error:
            return Outcome(
                None, f"the certificates to trust (SSL_CERT_FILE, SSL_CERT_DIR, --webhook-ca) cannot be read: {error}"
            )
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._try(client, request)
            return await _outcome_of(answer)
        except TimeoutError:
            return Outcome(None, f"no answer within {self._timeout:g} s")
        except Refused as refused:
            return Outcome(None, str(refused))
        except OSError as error:
            return Outcome(None, f"the host was not found: {error.strerror or error}")
        except Exception as error:
            return _failure(error)

    async def close(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    async def _get_client(self) -> "httpx2.AsyncClient":
        if self._client is None:
            # Not in the event loop, which has calls to answer; nor is the receiver to blame for the time that it takes.
            made = await asyncio.to_thread(_client, self._ca)
            self._client = self._client or made
        return self._client

    async def _try(self, client: "httpx2.AsyncClient", request: WebhookRequest) -> "httpx2.Response":
        import httpx2

        addresses = await self._guard.addresses(request.url)
        for address in addresses[:-1]:
            try:
                return await self._send_to(client, address, request)
            except httpx2.ConnectError:
                continue
        return await self._send_to(client, addresses[-1], request)

    async def _send_to(self, client: "httpx2.AsyncClient", address: str, request: WebhookRequest) -> "httpx2.Response":
        import httpx2

        parts = urlsplit(request.url)
        target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
        if parts.query:
            target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?")
        url = httpx2.URL(scheme=parts.scheme, host=address, port=parts.port, raw_path=target.encode())
        headers = [
            (b"host", parts.netloc.encode()),
            (b"user-agent", f"mockserver/{__version__}".encode()),
            *((name.encode(), value.encode()) for name, value in request.headers),
        ]
        # The certificate must be that of the host, however it was reached.
        extensions = {"sni_hostname": parts.hostname}
        outgoing = client.build_request("POST", url, headers=headers, content=request.body, extensions=extensions)
        return await client.send(outgoing, stream=True)


async def _outcome_of(answer: "httpx2.Response") -> Outcome:
    status = answer.status_code
    try:
        async with asyncio.timeout(_DRAIN):
            await _drain(answer)
    except Exception:
        # The status, which decides, came before.
        log.debug("the answer to a webhook broke off")
    finally:
        await answer.aclose()
    if answer.is_success:
        return Outcome(status, None)
    if answer.has_redirect_location:
        return Outcome(status, f"the answer was {status}, and redirects are not followed")
    return Outcome(status, f"the answer was {status}")


def _failure(error: Exception) -> Outcome:
    import httpx2

    if isinstance(error, httpx2.ConnectError):
        return Outcome(None, f"nobody could be reached: {error}")
    if isinstance(error, httpx2.TransportError):
        return Outcome(None, f"the connection broke: {type(error).__name__}")
    log.warning("a webhook could not be sent: %s", type(error).__name__)
    return Outcome(None, f"it could not be sent: {type(error).__name__}")


def _client(ca: Path | None) -> "httpx2.AsyncClient":
    import httpx2

    # It honours SSL_CERT_FILE and SSL_CERT_DIR, also where proxies of the environment are passed over.
    trusted = httpx2.create_ssl_context(trust_env=True)
    if ca is not None:
        trusted.load_verify_locations(ca)
    # Each attempt has a connection of its own; no proxy of the environment comes in between.
    limits = httpx2.Limits(max_keepalive_connections=0)
    return httpx2.AsyncClient(
        timeout=None,
        follow_redirects=False,
        trust_env=False,
        verify=trusted,
        limits=limits,
        headers={"accept": "*/*"},
    )


async def _drain(answer: "httpx2.Response") -> None:
    read = 0
    async for chunk in answer.aiter_raw():
        read += len(chunk)
        if read > _MAX_READ:
            return
