"""From rulings to reports: one mistake is told once, readings by themselves, and each call in a few words."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from mockserver.foundation.problems import Violation
from mockserver.judge.calls import JudgedCall
from mockserver.judge.catalogue import OBLIGATIONS, reasons_of
from mockserver.judge.drill import Drill
from mockserver.judge.drill_run import DrillResult
from mockserver.judge.obligations.outcome import EMPTY
from mockserver.judge.reasons import ObligationReason, Support
from mockserver.judge.report import CallReport, DrillReport, RulingReport
from mockserver.judge.rulings import (
    HELD,
    NOT_OBSERVABLE,
    NOT_REACHED,
    Finding,
    Ruling,
    Severity,
    State,
    broken,
    rule,
)
from mockserver.judge.suite import documents
from mockserver.judge.verdicts import JudgedDrill, aggregate, conclude, judge_drill
from mockserver.provider_api.judge_adapter import JudgeAdapter, PageRequest, SeenLead, SeenPage
from tests.conftest import NOW
from tests.support.evidence import JUDGE_ADAPTER, evidence, holds, lead, run, seen, shows, token

REASON = ObligationReason(reason="so they say", rests_on=(Support(kind="rule", source="seed 002"),))
FINDING = Finding("a page was never asked for", (3,), ("7",), "lost")
CRASH = Finding("run 1 failed though every call was answered well", (2,), kind="crash")
SHOULD = next(id for id, obligation in OBLIGATIONS.items() if obligation.severity is Severity.SHOULD)


def drill_report(name: str = "plain", **given: Any) -> DrillReport:
    whole = {"why": "why not", "variant": None, "seconds": 1.0, "runs": (), "rulings": (), "calls": (), "events": ()}
    return DrillReport(**{"name": name, "provider": "fake", "faulty": (), **whole, **given})


def drill(
    variant: str | None = None, aims: tuple[str, ...] = (), name: str = "plain", **rulings: Ruling
) -> JudgedDrill:
    """A drill with rulings, by ids with `_` for `-`."""
    by_id = {"RUN-02": HELD, "TOLERANCE-05": HELD if variant else NOT_REACHED}
    by_id |= {id.replace("_", "-"): ruling for id, ruling in rulings.items()}
    return JudgedDrill("fake", name, variant, aims, by_id, drill_report(name, variant=variant))


def concluded(*judged: JudgedDrill, strict: bool = True) -> list[Mapping[str, RulingReport]]:
    """By drill and id, what is told in the end."""
    return [{ruling.obligation: ruling for ruling in report.rulings} for report in conclude(judged, strict=strict)]


def states(*judged: JudgedDrill, strict: bool = True) -> list[dict[str, State]]:
    return [{id: ruling.state for id, ruling in told.items()} for told in concluded(*judged, strict=strict)]


# One ruling


@pytest.mark.parametrize(
    ("findings", "reached", "observable", "expected"),
    [
        ([], True, True, State.HELD),
        ([], False, True, State.NOT_REACHED),
        ([], False, False, State.NOT_REACHED),
        ([], True, False, State.NOT_OBSERVABLE),
        ([FINDING], False, False, State.BROKEN),
    ],
)
def test_a_finding_breaks_whatever_else_there_is(
    findings: list[Finding], reached: bool, observable: bool, expected: State
) -> None:
    assert rule(findings, reached=reached, observable=observable).state is expected


# All drills together


def test_rulings_are_told_where_they_were_reached_or_aimed_at() -> None:
    told = states(drill(PAGE_01=NOT_REACHED, PAGE_05=NOT_OBSERVABLE, PAGE_06=NOT_REACHED, aims=("PAGE-06",)))
    assert told == [{"RUN-02": State.HELD, "PAGE-05": State.NOT_OBSERVABLE, "PAGE-06": State.NOT_REACHED}]


def test_what_broke_is_told_with_its_calls_and_leads() -> None:
    (found,) = concluded(drill(PAGE_01=broken(FINDING)))[0]["PAGE-01"].findings
    assert (found.text, found.kind) == ("a page was never asked for", "lost")
    assert (found.calls, found.leads) == ((3,), ("7",))


def test_who_fails_for_no_reason_at_all_is_told_of_no_other() -> None:
    plain = drill(RUN_02=broken(CRASH))
    messy = drill(TOLERANCE_03=broken(CRASH), PAGE_06=broken(CRASH, FINDING), PAGE_01=broken(FINDING), name="messy")
    first, second = concluded(plain, messy)
    assert first["RUN-02"].state is State.BROKEN
    assert [found.text for found in second["RUN-02"].findings] == [CRASH.text, CRASH.text]
    assert "TOLERANCE-03" not in second
    assert [found.text for found in second["PAGE-06"].findings] == [FINDING.text]
    assert [found.text for found in second["PAGE-01"].findings] == [FINDING.text]


def test_who_fails_in_the_plain_drill_and_wherever_it_is_shown_leads_fails_anyway() -> None:
    plain, messy = (
        drill(RUN_02=NOT_REACHED, TOLERANCE_03=broken(CRASH)),
        drill(name="messy", TOLERANCE_03=broken(CRASH)),
    )
    assert [told["RUN-02"] for told in states(plain, messy)] == [State.BROKEN, State.BROKEN]
    assert all("TOLERANCE-03" not in told for told in states(plain, messy))
    other = replace(drill(name="other"), ends_well=True)
    assert [told.get("TOLERANCE-03") for told in states(plain, messy, other)] == [State.BROKEN, State.BROKEN, None]
    assert states(messy)[0]["TOLERANCE-03"] is State.BROKEN, "where it was not put into the plain drill"


def test_who_fails_in_the_plain_drill_at_an_empty_period_is_told_that() -> None:
    empty = replace(CRASH, kind=EMPTY)
    (told,) = concluded(drill(RUN_02=NOT_REACHED, PAGE_06=broken(empty)))
    assert "RUN-02" not in told
    assert (told["PAGE-06"].state, told["PAGE-06"].findings[0].kind) == (State.BROKEN, "")
    _, anyway = states(drill(RUN_02=broken(CRASH)), drill(name="empty", PAGE_06=broken(empty)))
    assert (anyway["RUN-02"], "PAGE-06" in anyway) == (State.BROKEN, False), "it fails elsewhere as well"


def test_a_refusal_under_a_reading_is_told_once() -> None:
    refused, other = Finding("it was refused", (2,)), Finding("it asked for the wrong list", (5,))
    reading = drill("user-agent=three-parts", RUN_05=broken(refused, other), CONTRACT_04=broken(refused))
    findings = concluded(drill(), reading)[1]["TOLERANCE-05"].findings
    assert [found.calls for found in findings] == [(5,), (2,)]
    assert "CONTRACT-04" in findings[1].text


def test_who_fails_only_where_something_is_strange_is_told_that() -> None:
    told = concluded(drill(), drill(name="messy", TOLERANCE_03=broken(CRASH)))[1]
    assert (told["RUN-02"].state, told["TOLERANCE-03"].state) == (State.HELD, State.BROKEN)
    assert told["TOLERANCE-03"].findings[0].kind == ""


def test_a_client_that_is_shown_its_leads_somewhere_asks_for_the_right_ones() -> None:
    nothing = drill(RUN_05=broken(FINDING), name="other")
    assert states(nothing)[0]["RUN-05"] is State.BROKEN
    assert "RUN-05" not in states(drill(RUN_05=HELD), nothing)[1]


def test_a_drill_without_a_crash_is_left_as_it_is() -> None:
    assert states(drill(RUN_02=broken(CRASH)), drill(PAGE_01=HELD))[1] == {"RUN-02": State.HELD, "PAGE-01": State.HELD}


# Readings


def test_what_breaks_under_a_reading_alone_is_charged_to_the_readings() -> None:
    plain, reading = drill(PAGE_01=HELD), drill("count=total", PAGE_01=broken(FINDING), PAGE_05=HELD)
    assert states(plain, reading)[1] == {"RUN-02": State.HELD, "TOLERANCE-05": State.BROKEN, "PAGE-05": State.HELD}
    (found,) = concluded(plain, reading)[1]["TOLERANCE-05"].findings
    assert found.text == f"under count=total, PAGE-01 ({OBLIGATIONS['PAGE-01'].sentence}): {FINDING.text}"
    assert (found.calls, found.leads, found.kind) == ((3,), ("7",), "lost")


def test_a_crash_under_a_reading_is_told_without_another_reason() -> None:
    (found,) = concluded(drill(), drill("count=total", TOLERANCE_03=broken(CRASH)))[1]["TOLERANCE-05"].findings
    assert (found.text, found.kind) == (f"under count=total: {CRASH.text}", "")


def test_what_breaks_without_the_reading_as_well_is_told_as_it_is() -> None:
    told = states(drill(PAGE_01=broken(FINDING)), drill("count=total", PAGE_01=broken(FINDING)))
    assert told[1] == {"RUN-02": State.HELD, "PAGE-01": State.BROKEN, "TOLERANCE-05": State.HELD}


def test_another_reading_does_not_count_as_elsewhere() -> None:
    told = states(drill("count=total", PAGE_01=broken(FINDING)), drill("count=page", PAGE_01=broken(FINDING)))
    assert [each["TOLERANCE-05"] for each in told] == [State.BROKEN, State.BROKEN]


def test_of_another_reading_it_is_only_told_whether_the_client_works_with_it() -> None:
    plain = drill(PAGE_01=HELD, PAGE_05=broken(FINDING))
    reading = drill("count=total", PAGE_01=broken(FINDING), PAGE_05=broken(FINDING), PAGE_06=HELD)
    told = concluded(plain, reading, strict=False)
    assert list(told[0]) == ["RUN-02", "PAGE-01", "PAGE-05"]
    assert [ruling.state for ruling in told[1].values()] == [State.BROKEN]
    assert [found.text for found in told[1]["TOLERANCE-05"].findings] == [
        f"under count=total, PAGE-01 ({OBLIGATIONS['PAGE-01'].sentence}): {FINDING.text}"
    ]


def test_another_reading_is_advice_unless_all_of_them_count() -> None:
    reports = [drill_report(rulings=(RulingReport(obligation="TOLERANCE-05", state=State.BROKEN),))]
    reasons = {"TOLERANCE-05": reasons_of("gsl")["TOLERANCE-05"], "PAGE-09": REASON}
    rows = {strict: aggregate("fake", reasons, reports, strict=strict) for strict in (False, True)}
    assert {strict: [row.severity for row in of_mode] for strict, of_mode in rows.items()} == {
        False: ["must", "advice"],
        True: ["must", "must"],
    }


def test_what_only_should_be_is_not_charged_to_the_readings() -> None:
    named: Any = {SHOULD.replace("-", "_"): broken(FINDING)}
    assert states(drill(), drill("count=total", **named))[1] == {"RUN-02": State.HELD, "TOLERANCE-05": State.HELD}
    assert states(drill(**named))[0][SHOULD] is State.BROKEN


def test_what_is_charged_to_the_readings_stays_there() -> None:
    told = concluded(drill(), drill("count=total", TOLERANCE_05=broken(FINDING), PAGE_01=broken(FINDING)))[1]
    first, second = told["TOLERANCE-05"].findings
    assert (first.text, second.text[:20]) == (FINDING.text, "under count=total, P")


def test_a_reading_that_made_no_difference_to_the_answers_was_not_reached() -> None:
    usual = replace(drill(name="a-day-later"), answers=b"a")
    same, other = (replace(drill("count=total"), answers=answers) for answers in (b"a", b"b"))
    assert states(usual, same, other)[1:] == [
        {"RUN-02": State.HELD},
        {"RUN-02": State.HELD, "TOLERANCE-05": State.HELD},
    ]
    assert states(same)[0]["TOLERANCE-05"] is State.HELD, "without the usual answers nobody can tell"
    broke = replace(same, rulings={**same.rulings, "PAGE-01": broken(FINDING)})
    assert states(usual, broke)[1]["TOLERANCE-05"] is State.BROKEN


def test_a_crash_under_a_reading_is_charged_to_it_unless_it_crashes_anyway() -> None:
    reading = drill("count=total", TOLERANCE_03=broken(CRASH))
    assert states(drill(), reading)[1] == {"RUN-02": State.HELD, "TOLERANCE-05": State.BROKEN}
    assert states(drill(RUN_02=broken(CRASH)), reading)[1] == {"RUN-02": State.BROKEN, "TOLERANCE-05": State.HELD}


# Over all drills


def ruled(state: State, id: str = "PAGE-01") -> tuple[RulingReport, ...]:
    return (RulingReport(obligation=id, state=state),)


@pytest.mark.parametrize(
    ("met", "worst"),
    [
        ((State.HELD, State.BROKEN), State.BROKEN),
        ((State.NOT_OBSERVABLE, State.HELD, State.NOT_REACHED), State.HELD),
        ((State.FAULTY, State.NOT_OBSERVABLE), State.NOT_OBSERVABLE),
        ((State.NOT_REACHED, State.FAULTY), State.FAULTY),
        ((State.NOT_REACHED,), State.NOT_REACHED),
        ((), State.NOT_REACHED),
    ],
)
def test_over_all_drills_the_worst_that_says_something_counts(met: tuple[State, ...], worst: State) -> None:
    drills = [drill_report(str(number), rulings=ruled(state)) for number, state in enumerate(met)]
    (found,) = aggregate(
        "fake", {"PAGE-01": REASON}, [*drills, drill_report("other", rulings=ruled(State.BROKEN, "PAGE-02"))]
    )
    assert (found.id, found.state) == ("PAGE-01", worst)
    assert found.drills == {state: (str(number),) for number, state in enumerate(met)}
    assert (found.reason, found.document, found.level) == (REASON.reason, REASON.document, REASON.level)
    assert (found.severity, found.sentence) == (OBLIGATIONS["PAGE-01"].severity, OBLIGATIONS["PAGE-01"].sentence)


def test_drills_are_told_by_how_they_went_and_obligations_in_their_order() -> None:
    ids = ("SYNC-01", "RUN-01", "PAGE-01")
    drills = [drill_report(name, rulings=ruled(State.HELD)) for name in ("one", "two")]
    found = aggregate("fake", dict.fromkeys(ids, REASON), drills)
    assert [each.id for each in found] == [id for id in OBLIGATIONS if id in ids]
    assert {each.id: each.drills for each in found}["PAGE-01"] == {State.HELD: ("one", "two")}


# One drill


def drill_result(*calls: JudgedCall, adapter: JudgeAdapter = JUDGE_ADAPTER, **given: Any) -> DrillResult:
    there = [lead("1")]
    one = run(*calls, before=there, after=there, output="x" * 3_000, **given)
    made = evidence(one, adapter=adapter, aims=("PAGE-01",))
    return DrillResult(Drill("plain", "fake", documents()["plain"]), made, 1.23456, NOW, ("it rained",), ("we",), ())


def test_only_obligations_that_bind_the_clients_of_the_provider_are_judged() -> None:
    judged = judge_drill(drill_result(shows("1", next="1"), shows("2", place="1")), {"RUN-01", "PAGE-01"})
    assert {id: ruling.state for id, ruling in judged.rulings.items()} == {"RUN-01": State.HELD, "PAGE-01": State.HELD}
    assert (judged.provider, judged.name, judged.variant, judged.aims) == ("fake", "plain", None, ("PAGE-01",))


def test_a_drill_is_told_with_its_runs_events_and_our_faults() -> None:
    report = judge_drill(drill_result(shows("1"), outcome=holds("1", "2"), client_now=NOW + 60), ()).report
    assert (report.seconds, report.events, report.faulty) == (1.235, ("it rained",), ("we",))
    assert report.why == documents()["plain"].why
    (one,) = report.runs
    assert (one.number, one.told, one.held, one.exit_code) == (1, "2026-01-01T00:01:00.000Z", 2, 0)
    assert one.output == "x" * 2_000
    assert judge_drill(drill_result(), ()).report.runs[0].held is None


def call(of: JudgedCall, adapter: JudgeAdapter = JUDGE_ADAPTER) -> CallReport:
    (told,) = judge_drill(drill_result(of, adapter=adapter), ()).report.calls
    return told


def test_a_call_is_told_with_what_was_wrong_with_it() -> None:
    wrong = Violation("query", "/limit", "type", "`limit` is 'x'")
    told = call(seen(status=422, violations=[wrong], notes=["ignored"], query="q" * 900, request="r" * 900, after=0.25))
    assert told.violations == ("query/limit: `limit` is 'x'",)
    assert (told.notes, told.fault, told.status) == (("ignored",), None, 422)
    assert (len(told.query), len(told.request), told.offset, told.run) == (600, 600, 0.25, 1)
    assert call(seen(fault="truncate")).fault == "truncate"


LATER = PageRequest("leads of agency 101", NOW, NOW + 60.5, "200", 100)


@pytest.mark.parametrize(
    ("told", "summary"),
    [
        (shows(), "leads: 0 leads, the end"),
        (shows("1", "2", place="0", next="2"), "leads: 2 leads, more follow"),
        (seen(status=503), "leads: no whole page"),
        (
            seen(page_request=LATER, page=SeenPage((SeenLead("1"),), None)),
            "leads of agency 101, since 2026-01-01T00:00:00.000Z to 2026-01-01T00:01:00.500Z, from 200: "
            "1 leads, the end",
        ),
        (shows(until=1e12), "leads: 0 leads, the end"),
        (seen(operation="getLead", details=(SeenLead("7"), SeenLead("8"))), "lead 7, 8"),
        (token(), "issueToken"),
    ],
)
def test_a_call_has_a_summary(told: JudgedCall, summary: str) -> None:
    assert call(told).summary == summary


def test_cursors_are_not_spelt_out() -> None:
    cursors = replace(JUDGE_ADAPTER, uses_offsets=False)
    assert call(shows(place="eyJhIjoxfQ"), cursors).summary == "leads, from a cursor: 0 leads, the end"
