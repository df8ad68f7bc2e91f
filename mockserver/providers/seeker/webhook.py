"""A webhook tells a subscriber of a new lead: it sends the lead itself, as it then is (dossier seeker §6, §11)."""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from mockserver.domain import Enquiry
from mockserver.provider_api.provider import WebhookView
from mockserver.provider_api.view_context import ViewContext

_STRANGE = "VIDEO_CALL"
"""No category of any version."""


def body(enquiry: Enquiry, context: ViewContext) -> Any:
    """The bare lead; None for one that no list has."""
    # Imported with the first lead, since most servers tell nobody.
    from mockserver.providers.seeker.leads import lead
    from mockserver.providers.seeker.wire import category_of

    return lead(enquiry, context) if category_of(enquiry, context) else None


def with_unknown_category(value: Any) -> Any:
    """The same lead in a category that a later version might have."""
    return {**value, "metadata": {**value["metadata"], "leadCategory": _STRANGE}}


def headers(sent: bytes, key: str | None, context: ViewContext) -> Sequence[tuple[str, str]]:
    """`X-Signature`, of which another page of the portal tells, made with the only secret that there is."""
    if key is None or context.variant("webhook-signature") == "absent":
        return ()
    return (("X-Signature", hmac.new(key.encode(), sent, sha256).hexdigest()),)


WEBHOOK = WebhookView("newLead", body, with_unknown_category, headers)
