"""The report as one page that needs nothing else: no network, no other file."""

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from typing import Any

from mockserver.foundation.resources import resource
from mockserver.judge.report import ObligationReport, Report
from mockserver.judge.reports.wording import known, plain, rulings_of, statement, verdict, why_unseen
from mockserver.judge.rulings import State

MAX_EXCERPTS = 3_000_000
"""Characters that the bodies of all calls may take together."""
LONGEST_EXCERPT = 600
SHORTEST_EXCERPT = 60
LONGEST_OUTPUT = 2_000
_SLOT = re.compile(r"@@([a-z]+)@@")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def _unseen(report: Report) -> list[str]:
    """Why obligations could not be observed, each reason once."""
    duties = [duty for duty in report.obligations if duty.state is State.NOT_OBSERVABLE]
    return list(
        dict.fromkeys(f"Not observable: {why}. {hint}" for why, hint in (why_unseen(report, d) for d in duties))
    )


def to_html(report: Report) -> str:
    """The page. Of long bodies and outputs it has the beginnings; the JSON form has what there is."""
    page = resource("fixtures", "conformance-report.html").read_text(encoding="utf-8")
    slots = {
        "policy": _policy(page),
        "title": escape(plain(report.program)),
        "verdict": escape(verdict(report)),
        "broken": "\n".join(_broken(report)) or "<li>Nothing.</li>",
        "hint": escape(" ".join(_unseen(report))),
        "data": embedded(_shortened(report)),
    }
    # One pass: what is put in is not looked at again.
    return whole_text(_SLOT.sub(lambda slot: slots[slot[1]], page))


def embedded(document: Any) -> str:
    """JSON that no parser of HTML takes for markup."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return "".join(f"\\u{ord(character):04x}" if character in "<>&\u2028\u2029" else character for character in text)


def whole_text(text: str) -> str:
    """The text with � for what cannot be encoded: half of a character that a client wrote as an escape in JSON."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _policy(page: str) -> str:
    """Nothing is loaded from anywhere, and only our own style and script are at work."""
    return (
        f"default-src 'none'; style-src {_hashes(_STYLE.findall(page))}; script-src {_hashes(_SCRIPT.findall(page))}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: Iterable[str]) -> str:
    return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts)


def _broken(report: Report) -> Iterable[str]:
    accepted = known(report)
    for duty in report.broken():
        note = " (known)" if (duty.provider, duty.id) in accepted else ""
        about = f"{duty.id} {duty.severity}, {duty.provider}{note}: {statement(duty)}"
        findings = "".join(f"<li>{escape(plain(text))}</li>" for text in _first_findings(report, duty))
        listed = f"<ul>{findings}</ul>" if findings else ""
        yield f"<li><b>{escape(plain(about))}</b> {escape(plain(duty.remedy))}{listed}</li>"


def _first_findings(report: Report, duty: ObligationReport) -> Iterable[str]:
    broken = [(drill, ruling) for drill, ruling in rulings_of(report, duty) if ruling.state is State.BROKEN]
    return [f"{drill.name}: {ruling.findings[0].text}" for drill, ruling in broken if ruling.findings][:5]


def _shortened(report: Report) -> dict[str, Any]:
    document = report.model_dump(mode="json")
    calls = [call for drill in document["drills"] for call in drill["calls"]]
    most = min(LONGEST_EXCERPT, max(SHORTEST_EXCERPT, MAX_EXCERPTS // max(1, 2 * len(calls))))
    for call in calls:
        for name in ("request", "reply"):
            call[name] = _beginning(call[name], most)
    for drill in document["drills"]:
        for run in drill["runs"]:
            if len(run["output"]) > LONGEST_OUTPUT:
                run["output"] = f"…{run['output'][-LONGEST_OUTPUT:]}"
    return document


def _beginning(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
