"""Kind `status`: an error status, such as 429 or 503, in the provider's own envelope, with the headers that go along.

Those are `WWW-Authenticate` with a 401, `Retry-After` when it is asked for, and the fault's own.
"""

from email.utils import formatdate

from mockserver.contract import Operation
from mockserver.foundation.problems import Problem
from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.faults.effects.effect import Altered, CallFacts, Effect
from mockserver.sandbox.faults.hit import FaultHit, SendPlan

_PROBLEMS = {
    400: ("malformed", "The request cannot be read."),
    401: ("unauthorized", "The credentials are not good any more."),
    403: ("forbidden", "This is not allowed."),
    404: ("not_found", "There is no such thing."),
    429: ("too_many_requests", "Too many requests."),
    500: ("internal_error", "An error has occurred."),
    502: ("bad_gateway", "The gateway got no good answer."),
    503: ("unavailable", "The service is not available now."),
    504: ("gateway_timeout", "The gateway got no answer in time."),
}
"""Name and detail of the problem with each status."""


def _refuse(hit: FaultHit, facts: CallFacts) -> Problem:
    fault = hit.fault
    assert fault.status is not None
    name, detail = _PROBLEMS.get(fault.status, ("refused", "The request was not carried out."))
    headers = []
    if fault.status == 401 and facts.challenge:
        headers.append(("www-authenticate", facts.challenge))
    if fault.retry_after is not None:
        date = formatdate(facts.now + fault.retry_after, usegmt=True)
        headers.append(("retry-after", date if fault.retry_after_form == "date" else str(fault.retry_after)))
    return Problem(fault.status, name, detail, headers=headers)


def _hold(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
    return Altered(response, f"{response.status}, and nothing was done", SendPlan(pause=hit.pause()))


STATUS = Effect(_hold, replace=_refuse)
