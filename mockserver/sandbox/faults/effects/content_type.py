"""Kind `content_type`: a page of a proxy, or any other text, where JSON belongs."""

from mockserver.contract import Operation
from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.faults.effects.effect import Altered, CallFacts, Effect
from mockserver.sandbox.faults.hit import FaultHit

_PAGE = b"""<!DOCTYPE html>
<html>
<head><title>Please stand by</title></head>
<body>
<center><h1>Please stand by</h1></center>
<hr><center>proxy</center>
</body>
</html>
"""
_HTML = (b"content-type", b"text/html; charset=utf-8")


def _page(hit: FaultHit, facts: CallFacts) -> EncodedResponse:
    return EncodedResponse(hit.fault.status or 200, (_HTML,), _PAGE)


def _note(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
    return Altered(response, f"{response.status} with a page that is no JSON, and nothing was done")


CONTENT_TYPE = Effect(_note, replace=_page)
