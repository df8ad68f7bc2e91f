"""Changes of a sandbox's world while a client works: leads come and go, people are erased, access changes.

Every function takes the sandbox first and is called inside `with sandbox.transaction():`. It either makes its change or
raises `ChangeRefused`, whose one sentence says why nothing was changed.
"""

from typing import TYPE_CHECKING

from mockserver.foundation.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from mockserver.sandbox.changes.access import (
        grant_agency,
        revoke_agency,
        revoke_credentials,
        revoke_token,
        revoke_tokens,
        rotate_credentials,
        rotate_keys,
        set_scopes,
    )
    from mockserver.sandbox.changes.arrivals import arrive, arriving, duplicate
    from mockserver.sandbox.changes.cursors import expire_cursors
    from mockserver.sandbox.changes.deliveries import fail_deliveries
    from mockserver.sandbox.changes.edits import update, withdraw
    from mockserver.sandbox.changes.erasure import erase
    from mockserver.sandbox.changes.leads import describe, find_lead, list_leads
    from mockserver.sandbox.changes.models import Arrival, LeadPatch, LeadSchema, SeekerGiven, SeekerSchema
    from mockserver.sandbox.changes.refusal import ChangeRefused, KeysRefused

__all__ = [
    "Arrival",
    "ChangeRefused",
    "KeysRefused",
    "LeadPatch",
    "LeadSchema",
    "SeekerGiven",
    "SeekerSchema",
    "arrive",
    "arriving",
    "describe",
    "duplicate",
    "erase",
    "expire_cursors",
    "fail_deliveries",
    "find_lead",
    "grant_agency",
    "list_leads",
    "revoke_agency",
    "revoke_credentials",
    "revoke_token",
    "revoke_tokens",
    "rotate_credentials",
    "rotate_keys",
    "set_scopes",
    "update",
    "withdraw",
]

_MODULES = {
    "Arrival": "models",
    "ChangeRefused": "refusal",
    "KeysRefused": "refusal",
    "LeadPatch": "models",
    "LeadSchema": "models",
    "SeekerGiven": "models",
    "SeekerSchema": "models",
    "arrive": "arrivals",
    "arriving": "arrivals",
    "describe": "leads",
    "duplicate": "arrivals",
    "erase": "erasure",
    "expire_cursors": "cursors",
    "fail_deliveries": "deliveries",
    "find_lead": "leads",
    "grant_agency": "access",
    "list_leads": "leads",
    "revoke_agency": "access",
    "revoke_credentials": "access",
    "revoke_token": "access",
    "revoke_tokens": "access",
    "rotate_credentials": "access",
    "rotate_keys": "access",
    "set_scopes": "access",
    "update": "edits",
    "withdraw": "edits",
}

__getattr__ = lazy_exports(__name__, _MODULES)
