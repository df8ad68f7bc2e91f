"""Judges of the obligations: a module for each family, or for a part of one."""

from mockserver.judge.obligations import (
    acceptance,
    contract,
    credentials,
    cursors,
    erasure,
    error_handling,
    faults,
    outcome,
    pages,
    periods,
    privacy,
    sync,
    token_answers,
    tokens,
    tolerance,
    visibility,
    webhooks,
    writes,
)
from mockserver.judge.rulings import Judges

_FAMILIES = (
    *(contract, tokens, token_answers, credentials, faults, error_handling, writes, pages, periods, cursors),
    *(tolerance, webhooks, privacy, outcome, visibility, acceptance, sync, erasure),
)

JUDGES: Judges = {id: judge for family in _FAMILIES for id, judge in family.JUDGES.items()}
"""The judges of all obligations, by id."""

__all__ = ["JUDGES"]
