"""Rounds of made-up calls against one provider, until there were enough."""

import gc
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockserver.contract import Contract
from mockserver.foundation.settings import Settings
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW
from tests.providers.apimo import test_schemathesis as apimo
from tests.providers.gsl import test_schemathesis as gsl
from tests.providers.seeker import test_schemathesis as seeker
from tests.soak.odd_calls import odd_calls
from tests.support.engine import EngineRun
from tests.support.gsl import Gsl
from tests.support.in_process import TestClient, end_loop
from tests.support.seeker import Seeker

_EXAMPLES = 60
"""Generated data of each operation in a round, good and bad, beside what the coverage of its schemas wants."""
_ODD_CALLS = 1_500
"""Calls of no schema in a round."""
_GROWTH = 1.2
"""Times the memory after the first round that it may have after the last."""
_BASE = "http://127.0.0.1:8080"
_RUNS: dict[str, Any] = {"apimo": apimo.Run, "gsl": gsl.Run, "seeker": seeker.Run}


@dataclass(slots=True)
class Totals:
    """Sums of all rounds."""

    provider: str
    cases: int = 0
    rounds: int = 0
    checks: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    """By operation, the good data that were accepted."""
    first_megabytes: int = 0
    last_megabytes: int = 0
    complaints: list[str] = field(default_factory=list)


def soak(provider: str, cases: int, seed: int) -> Totals:
    """Runs rounds until that many calls were made, each against the same application after a reset."""
    app = build(Settings(world="small", now=NOW, journal_size=100))
    app.sandbox.webhooks.refuse = lambda url: None  # no schema tells which hosts are allowed
    contract = app.providers[provider].contract
    totals = Totals(provider)
    while totals.cases < cases:
        _round(app, contract, totals, seed + totals.rounds)
        app.sandbox.reset()
        gc.collect()
        totals.rounds += 1
        totals.last_megabytes = _megabytes()
        totals.first_megabytes = totals.first_megabytes or totals.last_megabytes
    end_loop()
    totals.complaints += [f"{name} accepted nothing" for name in contract.operations if not totals.accepted[name]]
    if totals.last_megabytes > totals.first_megabytes * _GROWTH:
        totals.complaints.append(f"memory grew from {totals.first_megabytes} to {totals.last_megabytes} MB")
    return totals


def _round(app: MockServer, contract: Contract, totals: Totals, number: int) -> None:
    for operation in contract.operations:
        # The tests of every check have number 1.
        run: EngineRun = _RUNS[contract.name](operation, app, max_examples=_EXAMPLES, seed=number + 1)
        totals.cases += len(run.calls)
        totals.checks += sum(run.checks.values())
        totals.statuses.update(status for *_, status in run.calls)
        totals.accepted[operation] += sum(run.seen(status=status, mode="positive") for status in run.good)
        totals.complaints += [f"{operation}, round {number}: {problem}" for problem in run.problems]
    problems, statuses = odd_calls(app, contract, credentials_of(app, contract.name), _ODD_CALLS, number)
    totals.cases += statuses.total()
    totals.statuses.update(statuses)
    totals.complaints += [f"round {number}: {problem}" for problem in problems]


def credentials_of(app: MockServer, provider: str) -> str:
    """An Authorization header that the provider accepts."""
    client = TestClient(app, base_url=_BASE)
    match provider:
        case "apimo":
            return apimo.basic(":".join(AUTH))
        case "gsl":
            return f"Bearer {Gsl(client).token}"
        case _:
            return f"Bearer {Seeker(client).token}"


def _megabytes() -> int:
    """Resident memory of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4_096 // 1_000_000
