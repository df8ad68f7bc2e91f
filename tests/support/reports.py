"""Reports as the judge makes them, for tests of their forms: a realistic one, one with hostile text, a large one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.judge.baseline import apply, exit_code
from mockserver.judge.baseline_file import Baseline
from mockserver.judge.catalogue import OBLIGATIONS
from mockserver.judge.report import (
    Assumption,
    CallReport,
    DrillReport,
    FindingReport,
    ObligationReport,
    Report,
    RulingReport,
    RunReport,
)
from mockserver.judge.rulings import Severity, State

HOSTILE = (
    "[bold red]x[/] [link=evil]y</script><!-- <b onmouseover=alert(1)> & "
    "\x1b[31m\x00\x07 \u202egnp.exe \ud800 ]]> @@data@@"
)
"""Markup of rich and of HTML, control characters, turned text, half a character, the end of a CDATA section."""
_ORDER = (State.BROKEN, State.HELD, State.NOT_OBSERVABLE, State.NOT_REACHED, State.FAULTY)


def finding(text: str, *calls: int, leads: Sequence[str] = (), kind: Any = "") -> FindingReport:
    """A finding of an obligation that was broken."""
    return FindingReport(text=text, kind=kind, calls=calls, leads=tuple(leads))


def broken(obligation: str, *findings: FindingReport) -> RulingReport:
    """A ruling that says broken."""
    return RulingReport(obligation=obligation, state=State.BROKEN, findings=findings)


def ruled(state: State, *obligations: str) -> tuple[RulingReport, ...]:
    """Rulings without findings."""
    return tuple(RulingReport(obligation=name, state=state) for name in obligations)


def call(number: int, **changes: Any) -> CallReport:
    """A call for a page."""
    members: dict[str, Any] = {
        "id": number,
        "run": 1,
        "at": f"2026-01-01T00:{number // 60:02}:{number % 60:02}Z",
        "offset": 0.021 * number,
        "provider": "seeker",
        "operation": "getLeads",
        "method": "GET",
        "path": "/seeker/v1/leads",
        "query": f"dateFrom=2025-12-25T00%3A00%3A00Z&lastItemKey=k{number}",
        "status": 200,
        "duration_ms": 12.5,
        "fault": None,
        "violations": (),
        "notes": (),
        "request": "",
        "reply": '{"items":[{"id":"00000000-0000-4000-8000-000000000001","lastName":"Léa Ωmega"}]}',
        "summary": f"leads of agency 101, from {100 * number}: 100 leads, more follow",
    }
    return CallReport(**members | changes)


def run(number: int = 1, **changes: Any) -> RunReport:
    """A run that went well."""
    members: dict[str, Any] = {
        "number": number,
        "told": "2026-01-01T00:00:00Z",
        "seconds": 0.61,
        "exit_code": 0,
        "ending": "itself",
        "held": 312,
        "output": f"run {number}: 312 leads\n",
    }
    return RunReport(**members | changes)


def drill(name: str, provider: str, rulings: Sequence[RulingReport], **changes: Any) -> DrillReport:
    """A drill of one run with three calls."""
    members: dict[str, Any] = {
        "name": name,
        "provider": provider,
        "why": "A page is lost on the way; a client asks for it again.",
        "variant": None,
        "seconds": 1.25,
        "runs": (run(),),
        "rulings": tuple(rulings),
        "calls": tuple(call(number, provider=provider) for number in (1, 2, 3)),
        "events": ("2026-01-01T00:00:02Z fault: reset for the next call",),
        "faulty": (),
    }
    return DrillReport(**members | changes)


def report(drills: Sequence[DrillReport], severities: Mapping[str, Severity] | None = None, **changes: Any) -> Report:
    """The report over these drills."""
    met: defaultdict[tuple[str, str], defaultdict[State, list[str]]] = defaultdict(lambda: defaultdict(list))
    for made in drills:
        for ruling in made.rulings:
            met[made.provider, ruling.obligation][ruling.state].append(made.name)
    duties = tuple(
        ObligationReport(
            id=name,
            provider=provider,
            severity=(severities or {}).get(name, OBLIGATIONS[name].severity),
            sentence=OBLIGATIONS[name].sentence,
            reason="The provider shows 100 leads a page, and says with 206 that more follow.",
            document="seed 002, Pagination",
            level="documented",
            remedy=OBLIGATIONS[name].remedy,
            state=next(state for state in _ORDER if state in states),
            drills={state: tuple(names) for state, names in states.items()},
        )
        for (provider, name), states in sorted(met.items())
    )
    members: dict[str, Any] = {
        "mockserver": "0.1.0",
        "program": "python sync.py --all",
        "started_at": "2026-01-01T00:00:00Z",
        "seconds": 12.3,
        "exit_code": exit_code(duties, drills),
        "providers": tuple(dict.fromkeys(made.provider for made in drills)),
        "obligations": duties,
        "drills": tuple(made for made in drills if made.variant is None),
        "other_readings": tuple(made for made in drills if made.variant is not None),
        "assumptions": (
            Assumption(
                provider="seeker",
                operation="",
                subject="variant empty-list",
                level="assumed",
                source="dossier seeker §4; RFC 9110 §15.5.5",
                chosen="404",
            ),
            Assumption(
                provider="apimo", operation="getLeads", subject="order", level="inferred", source="dossier apimo §3"
            ),
        ),
    }
    return Report(**members | changes)


def with_baseline(judgement: Report, *rows: Mapping[str, str]) -> Report:
    """The report with these rows known to be broken."""
    return apply(Baseline.model_validate({"version": 1, "broken": rows}), judgement)


def sample() -> Report:
    """Two providers, every state but faulty, findings with calls and with leads."""
    lost = finding(
        "page 3 of the leads of agency 101 was never asked for, although page 2 said that more follow",
        2,
        3,
        leads=[f"L{number}" for number in range(40)],
        kind="lost",
    )
    struck = (call(1), call(2, status=0, fault="reset", summary="leads of agency 101: nothing whole came"))
    later = (call(3, run=2, offset=1.5), call(4, run=2, offset=1.9, status=503, violations=("query/limit: too large",)))
    return report(
        [
            drill(
                "reset-in-mid-page",
                "seeker",
                [
                    broken("PAGE-01", lost),
                    *ruled(State.HELD, "RUN-01", "FAULT-06"),
                    *ruled(State.NOT_REACHED, "HOOK-01"),
                ],
                runs=(run(1, exit_code=1, held=None, output="reset by peer"), run(2, ending="settled", exit_code=None)),
                calls=struck + later,
            ),
            drill(
                "late-lead",
                "seeker",
                [
                    broken("PAGE-01", finding("page 2 of the leads of agency 101 was never asked for", 1)),
                    broken("SYNC-01", finding("run 2 asked for everything again", 3)),
                    *ruled(State.NOT_OBSERVABLE, "GDPR-01"),
                ],
            ),
            drill(
                "seeker.empty-list=404",
                "seeker",
                ruled(State.HELD, "TOLERANCE-05", "PAGE-01"),
                variant="empty-list=404",
            ),
            drill("late-lead", "apimo", ruled(State.HELD, "RUN-01", "PAGE-01", "SYNC-03")),
        ]
    )


def hostile() -> Report:
    """The text of others does its worst, wherever it can stand."""
    calls = (call(1, path=HOSTILE, query=HOSTILE, request=HOSTILE, reply=HOSTILE, summary=HOSTILE, notes=(HOSTILE,)),)
    odd = finding(HOSTILE, 1, leads=[HOSTILE], kind="lost")
    return report(
        [
            drill(
                HOSTILE,
                "seeker",
                [broken("PAGE-01", odd)],
                why=HOSTILE,
                calls=calls,
                runs=(run(output=HOSTILE),),
                events=(HOSTILE,),
            ),
            drill("ours", "apimo", ruled(State.FAULTY, "PAGE-02"), faulty=(HOSTILE,)),
        ],
        program=HOSTILE,
        not_called=(HOSTILE,),
        refused_hosts=(HOSTILE,),
    )


def large(drills: int = 60, calls: int = 30) -> Report:
    """As large as a battery becomes."""
    text = '{"items":[' + ",".join(f'{{"id":"{number}","name":"Zoé"}}' for number in range(200)) + "]}"
    made = [
        drill(
            f"drill-{number}",
            "seeker",
            [
                broken("PAGE-01", finding("a page was never asked for", 1, 2)),
                *ruled(State.HELD, *list(OBLIGATIONS)[4:30]),
            ],
            calls=tuple(call(position, reply=text, request=text) for position in range(1, calls + 1)),
        )
        for number in range(drills)
    ]
    return report(made)
