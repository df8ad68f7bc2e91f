"""How each obligation is judged: one module a family, or a part of one."""

from mockserver.judge.obligations import (
    acceptance,
    contract,
    credentials,
    erasure,
    error_handling,
    faults,
    outcome,
    pages,
    privacy,
    sync,
    tokens,
    tolerance,
    webhooks,
    writes,
)
from mockserver.judge.rulings import Judges

_FAMILIES = (
    *(contract, tokens, credentials, faults, error_handling, writes, pages, tolerance, webhooks, privacy),
    *(outcome, acceptance, sync, erasure),
)

JUDGES: Judges = {id: judge for family in _FAMILIES for id, judge in family.JUDGES.items()}
"""Of every obligation."""

__all__ = ["JUDGES"]
