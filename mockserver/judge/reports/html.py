"""Writes the report as one page that needs nothing else: no network, no other file."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from html import escape
from typing import Any

from pydantic import BaseModel

from mockserver.foundation.resources import resource
from mockserver.foundation.texts import plain
from mockserver.judge.obligation_pages import CODE_NAMES, code_of, families
from mockserver.judge.report import DrillReport, ObligationReport, Report
from mockserver.judge.reports.wording import (
    accepted_obligations,
    not_reached_ids,
    not_used_line,
    rulings_of,
    statement,
    verdict,
    weight,
    why_unseen,
)
from mockserver.judge.rulings import State

MAX_EXCERPTS = 3_000_000
"""Characters that the bodies of all calls may take together."""
MAX_EXCERPT = 600
MIN_EXCERPT = 60
MAX_OUTPUT = 2_000
_SLOT = re.compile(r"@@([a-z]+)@@")
_MARKUP = re.compile("[<>&\u2028\u2029]")
_HALF = re.compile("[\ud800-\udfff]")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def _unseen(report: Report) -> list[str]:
    """Returns the reasons for which obligations could not be observed, each once."""
    obligations = [obligation for obligation in report.obligations if obligation.state is State.NOT_OBSERVABLE]
    return list(
        dict.fromkeys(f"Not observable: {why}. {hint}" for why, hint in (why_unseen(report, d) for d in obligations))
    )


def _unreached(report: Report) -> list[str]:
    """Returns a sentence about the musts that were never reached, and one about what was never used."""
    musts = [f"Not reached, though each is a must: {', '.join(not_reached_ids(report))}."] if report.not_reached else []
    return [*musts, *filter(None, [not_used_line(report)])]


def to_html(report: Report) -> str:
    """Returns the page. Of long bodies and outputs it has the beginnings; the JSON form has more."""
    page = resource("fixtures", "conformance-report.html").read_text(encoding="utf-8")
    slots = {
        "policy": _policy(page),
        "title": escape(plain(report.program)),
        "verdict": escape(verdict(report)),
        "broken": "\n".join(_broken(report)) or "<li>Nothing.</li>",
        "hint": escape(plain(" ".join([*_unseen(report), *_unreached(report)]))),
        "data": embedded(members_of(report), _shortened(report)),
        "pages": embedded(_pages(report)),
    }
    # In one pass, so that inserted text is not looked at again.
    return whole_text(_SLOT.sub(lambda slot: slots[slot[1]], page))


def _pages(report: Report) -> dict[str, Any]:
    """Returns what explains the report: its families, and code for each of its obligations."""
    ids = dict.fromkeys(obligation.id for obligation in report.obligations)
    names = {id.partition("-")[0] for id in ids}
    return {
        "families": {name: family.about for name, family in families().items() if name in names},
        "code": {id: code_of(id).model_dump() for id in ids},
        "names": CODE_NAMES,
    }


def members_of(report: Report) -> dict[str, Any]:
    """Returns the members of a report as they are; to make all of them plain at once would take much memory."""
    return {name: getattr(report, name) for name in Report.model_fields}


def embedded(document: Any, as_plain: Callable[[Any], Any] | None = None) -> str:
    """Returns JSON that no parser of HTML takes for markup. `as_plain` is called with what is not plain."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=as_plain)
    return _MARKUP.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def whole_text(text: str) -> str:
    """Returns the text with � for half characters, which clients may write as escapes in JSON and none can encode."""
    # Text is long, and hardly ever has any.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _HALF.search(text) else text


def _policy(page: str) -> str:
    """Returns the policy that nothing is loaded from anywhere, and only our style and script are at work."""
    return (
        f"default-src 'none'; style-src {_hashes(_STYLE.findall(page))}; script-src {_hashes(_SCRIPT.findall(page))}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: Iterable[str]) -> str:
    return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts)


def _broken(report: Report) -> Iterable[str]:
    accepted = accepted_obligations(report)
    for obligation in report.broken():
        note = " (known)" if (obligation.provider, obligation.id) in accepted else ""
        about = f"{obligation.id} {weight(obligation)}, {obligation.provider}{note}: {statement(obligation)}"
        findings = "".join(f"<li>{escape(plain(text))}</li>" for text in _first_findings(report, obligation))
        listed = f"<ul>{findings}</ul>" if findings else ""
        yield f"<li><b>{escape(plain(about))}</b> {escape(plain(obligation.remedy))}{listed}</li>"


def _first_findings(report: Report, obligation: ObligationReport) -> Iterable[str]:
    broken = [(drill, ruling) for drill, ruling in rulings_of(report, obligation) if ruling.state is State.BROKEN]
    return [f"{drill.name}: {ruling.findings[0].text}" for drill, ruling in broken if ruling.findings][:5]


def _shortened(report: Report) -> Callable[[Any], Any]:
    """Returns a function that makes parts of a report plain, with the beginnings of long bodies and outputs."""
    count = sum(len(drill.calls) for drill in report.all_drills)
    most = min(MAX_EXCERPT, max(MIN_EXCERPT, MAX_EXCERPTS // max(1, 2 * count)))

    def shortened(value: BaseModel) -> Any:
        document = value.model_dump(mode="json")
        if isinstance(value, DrillReport):
            for call in document["calls"]:
                for name in ("request", "reply"):
                    call[name] = _beginning(call[name], most)
            for run in document["runs"]:
                if len(run["output"]) > MAX_OUTPUT:
                    run["output"] = f"…{run['output'][-MAX_OUTPUT:]}"
        return document

    return shortened


def _beginning(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
