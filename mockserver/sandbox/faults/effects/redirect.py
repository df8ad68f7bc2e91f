"""Kind `redirect`: the client is sent to another address."""

from mockserver.contract import Operation
from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.faults.effects.effect import Altered, CallFacts, Effect
from mockserver.sandbox.faults.hit import FaultHit


def _redirect(hit: FaultHit, facts: CallFacts) -> EncodedResponse:
    location = hit.fault.location or _elsewhere(facts)
    return EncodedResponse(hit.fault.status or 307, ((b"location", location.encode()),), b"")


def _note(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
    return Altered(response, f"{response.status} to {response.headers[0][1].decode()}, and nothing was done")


def _elsewhere(facts: CallFacts) -> str:
    """Returns the address that was called, by another name of this machine."""
    scheme, _, rest = facts.base_url.partition("://")
    host, slash, path = rest.partition("/")
    origin = other_name(f"{scheme}://{host}", facts.server)
    query = f"?{facts.query.decode('latin-1')}" if facts.query else ""
    return f"{origin}{slash}{path}{facts.raw_path}{query}"


def other_name(origin: str, server: str | None) -> str:
    """Returns the same origin by another name of the same machine, so that it is another one to a client."""
    scheme, _, host = origin.partition("://")
    name, port = host, ""
    if not host.endswith("]") and ":" in host:
        name, _, port = host.rpartition(":")
    other = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}.get(name)
    if other is None:
        other = server if server and server != name and "/" not in server and ":" not in server else "localhost"
    return f"{scheme}://{other}" + (f":{port}" if port else "")


REDIRECT = Effect(_note, replace=_redirect)
