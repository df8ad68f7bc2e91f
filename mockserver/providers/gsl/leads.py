"""A lead as GSL shows it, in the shape of its category."""

from typing import Any

from mockserver.domain import Enquiry
from mockserver.provider import Call
from mockserver.providers.gsl.extras import sprinkle
from mockserver.providers.gsl.wire import view_of


def lead(enquiry: Enquiry, call: Call) -> Any:
    """The bare lead, the same in lists and by its id."""
    return sprinkle(view_of(enquiry)(enquiry, call), call.variant("additional-members"))
