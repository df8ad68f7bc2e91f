"""No false alarm on correct clients from outside: none shares code, structure or language with the references."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from mockserver.judge import judge
from mockserver.judge.catalogue import severity_of
from mockserver.judge.report import Report
from mockserver.judge.rulings import Severity
from tests.support.patience import PATIENCE, unhurried

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

ALL = bool(os.environ.get("MOCKSERVER_ALL_CLIENTS"))
"""Whether the whole battery is gone through: `make conform`."""
OUTSIDE = Path(__file__).parents[1] / "clients" / "outside"
SETTLE = 3.0
"""Seconds: the daemon rests for one between two calls."""

CLIENTS: dict[str, tuple[str, Sequence[str]]] = {
    "apimo_cron.py": (
        "apimo",
        ("plain", "broken-until-next-run", "same-enquiry-twice", "leads-withdrawn-while-paging", "messy-world"),
    ),
    "apimo_pages.py": ("apimo", ("plain", "long-and-odd-text", "items-repeated")),
    "apimo.sh": ("apimo", ("plain", "items-repeated", "quota-reached-until-a-date", "proxy-page")),
    "gsl_async.py": (
        "gsl",
        (
            "plain",
            "down-for-good",
            "quota-reached",
            "token-endpoint-down-for-good",
            "long-and-odd-text",
            "stale-cursor",
        ),
    ),
    "seeker.mjs": ("seeker", ("plain", "a-day-later", "quota-reached", "erased-between-runs", "retention-over")),
    "seeker_daemon.py": ("seeker", ("webhook-twice-and-out-of-order", "token-dies-mid-crawl")),
    "three.py": ("gsl", ("plain", "agency-cut-mid-crawl", "quota-reached-until-a-date")),
}
"""By the file: the provider that it is judged for, and the drills in which such a client was charged before, or may be.
Resting for a second between calls, keeping the token in memory, taking a week again, sweeping everything once a day,
storing composed letters, taking a 403 for final, and retrying as urllib3 does are all correct."""
INTERPRETERS = {".py": sys.executable, ".mjs": "node", ".sh": "sh"}
NEEDS = {"seeker.mjs": ("node",), "apimo.sh": ("sh", "curl", "jq")}
CASES = [(client, provider) for client, (provider, _) in CLIENTS.items()]
EVERY_CASE = [*CASES, ("three.py", "apimo"), ("three.py", "seeker")]


def judged(client: str, provider: str, drills: Sequence[str]) -> Report:
    for tool in NEEDS.get(client, ()):
        if shutil.which(tool) is None:
            pytest.skip(f"there is no {tool}")
    if client.endswith(".py"):
        pytest.importorskip("httpx")
        pytest.importorskip("requests")
    command = [INTERPRETERS[Path(client).suffix], str(OUTSIDE / client)]
    return judge(command, provider=provider, scenarios=drills, timeout=PATIENCE, settle=unhurried(SETTLE))


@pytest.mark.parametrize(("client", "provider"), EVERY_CASE if ALL else CASES)
def test_a_correct_client_has_no_finding_but_advice(client: str, provider: str) -> None:
    drills = () if ALL else CLIENTS[client][1]
    report = judged(client, provider, drills)

    assert [(drill.name, drill.faulty) for drill in report.drills if drill.faulty] == []
    assert not drills or {drill.name for drill in report.drills} == set(drills)
    findings = [
        f"{drill.name}: {ruling.obligation}: {finding.text}"
        for drill in report.drills
        for ruling in drill.broken
        for finding in ruling.findings
        if severity_of(provider, ruling.obligation) is not Severity.ADVICE and drill.variant is None
    ]
    assert findings == []
    assert report.exit_code == 0
