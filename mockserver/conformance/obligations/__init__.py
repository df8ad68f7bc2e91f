"""How each obligation is judged: one module a family, or a part of one."""

from mockserver.conformance.obligations import (
    acceptance,
    contract,
    credentials,
    failing,
    faults,
    forgetting,
    outcome,
    pages,
    privacy,
    sync,
    tokens,
    tolerance,
    webhooks,
    writes,
)
from mockserver.conformance.rulings import Judges

_FAMILIES = (
    *(contract, tokens, credentials, faults, failing, writes, pages, tolerance, webhooks, privacy),
    *(outcome, acceptance, sync, forgetting),
)

JUDGES: Judges = {id: judge for family in _FAMILIES for id, judge in family.JUDGES.items()}
"""Of every obligation."""

__all__ = ["JUDGES"]
