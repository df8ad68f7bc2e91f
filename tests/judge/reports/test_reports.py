"""The forms of the judge's report: what each tells, that hostile text does no harm, and that the page needs nothing."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
from rich.console import Console

from mockserver.foundation.resources import resource
from mockserver.judge.catalogue import OBLIGATIONS
from mockserver.judge.obligation_pages import code_of, families
from mockserver.judge.report import Report
from mockserver.judge.reports import FORMS, json_schema, to_badge, to_html, to_json, to_junit, write_console
from mockserver.judge.rulings import Severity, State
from tests.support.patience import PATIENCE
from tests.support.reports import (
    broken,
    call,
    drill,
    finding,
    hostile,
    large,
    report,
    ruled,
    run,
    sample,
    with_baseline,
)

SCHEMA = resource("fixtures", "conformance-report.schema.json")
CALLS = [call(number) for number in range(1, 20)]


def written(judgement: Report, *, verbose: bool = False) -> str:
    """What is piped into a file."""
    console = Console(file=StringIO(), width=80)
    write_console(judgement, console, verbose=verbose)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def on_terminal(judgement: Report, width: int) -> str:
    """What a terminal of that width is sent."""
    console = Console(file=StringIO(), width=width, force_terminal=True, color_system="standard", _environ={})
    write_console(judgement, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


# Console


def test_the_scorecard_and_the_verdict_come_first() -> None:
    lines = written(sample()).splitlines()
    page = next(line.split() for line in lines if line.strip().startswith("PAGE "))
    assert page == ["PAGE", "-", "1", "must", "-", "-"]
    verdict = "FAILED: 1 must, 1 should broken; 6 held; 1 not observable; 1 not reached"
    assert verdict in lines[:20]
    assert lines[-1] == verdict
    assert lines[1] == "mockserver 0.1.0: 4 drills, 5 runs, 13 calls in 12.3 s"


def test_a_broken_obligation_stands_there_once_with_its_evidence() -> None:
    text = written(sample())
    assert text.count("PAGE-01 must, seeker: A correct client follows a list to its end.") == 1
    assert "broken in 2 drills, held in 1: reset-in-mid-page, late-lead" in text
    assert (
        "    #2  run 1  +0.04 s  GET /seeker/v1/leads?dateFrom=2025-12-25T00%3A00%3A00Z&lastItemKey=k2 -> no answer"
        "  [fault: reset]  leads of agency 101: nothing whole came\n"
    ) in text
    assert "lost: L0, L1, L2, L3, L4, L5, L6, L7, L8, L9, L10, L11 and 28 more" in text
    assert "(seed 002, Pagination; documented)" in text
    assert "to do: Ask for the next page" in text
    assert "\n  more: mockserver docs PAGE-01\n" in text


def test_must_comes_before_should() -> None:
    text = written(sample())
    assert text.index("PAGE-01 must") < text.index("SYNC-01 should")


def test_findings_and_calls_beyond_the_first_are_counted() -> None:
    findings = [finding(f"page {number} was asked for twice", *range(1, 20)) for number in range(5)]
    text = written(report([drill("a", "seeker", [broken("PAGE-02", *findings)], calls=CALLS)]))
    assert "page 2 was asked" in text
    assert "page 3 was asked" not in text
    assert "and 2 more findings in the other reports" in text
    assert "and 14 more calls" in text


def test_each_drill_tells_its_first_finding_before_one_tells_its_second() -> None:
    made = [drill(name, "seeker", [broken("PAGE-01", finding("the same"), finding(f"of {name}"))]) for name in "abc"]
    text = written(report(made))
    assert text.count("the same") == 1
    assert text.index("of a") < text.index("of b")


def test_what_is_not_observable_says_how_it_would_be() -> None:
    assert "MOCKSERVER_OUTCOME" in written(sample())
    assert "MOCKSERVER_OUTCOME" not in written(report([drill("a", "seeker", ruled(State.HELD, "RUN-01"))]))


def test_assumptions_are_counted_and_variants_told() -> None:
    assert "rest on 2 assumptions" in written(sample())
    source = "our notes on Seeker Leads (how a client walks pages); RFC 9110 §15.5.5"
    assert f"seeker variant empty-list = 404 ({source}; assumed)" in written(sample())
    assert "apimo getLeads" not in written(sample())
    told = "apimo getLeads order (our notes on Apimo (pages and synchronisation); inferred)"
    assert told in written(sample(), verbose=True)


def test_what_was_not_reached_is_told_at_length_on_demand() -> None:
    assert "HOOK-01" not in written(sample())
    assert f"seeker HOOK-01 {OBLIGATIONS['HOOK-01'].sentence}" in written(sample(), verbose=True)


def test_faults_of_ours_are_told_and_no_verdict_is_given() -> None:
    text = written(report([drill("a", "seeker", ruled(State.FAULTY, "PAGE-01"), faulty=("no fault struck",))]))
    assert "NO VERDICT: a fault of ours in 1 drill; 0 held" in text
    assert "seeker a: no fault struck" in text
    assert "faulty" in text


def test_the_baseline_is_told() -> None:
    known = [
        {"provider": "seeker", "drill": "*", "obligation": "PAGE-01"},
        {"provider": "apimo", "drill": "late-lead", "obligation": "RUN-01"},
        {"provider": "gsl", "drill": "x", "obligation": "RUN-01"},
    ]
    text = written(with_baseline(sample(), *known))
    assert "FAILED: 1 should broken; 1 known to be broken; 1 unexpectedly held" in text
    assert "PAGE-01 must, seeker" not in text
    assert "Broken as known: 2\n    seeker late-lead PAGE-01\n" in text
    assert "take it out of the baseline: 1\n    apimo late-lead RUN-01\n" in text
    assert "Not judged this time: 1\n    gsl x RUN-01\n" in text


def test_all_held_is_short() -> None:
    text = written(report([drill("a", "seeker", ruled(State.HELD, "RUN-01"))], assumptions=(), not_called=("gsl",)))
    assert text.count("PASSED: 1 held") == 1
    assert "never called it: gsl" in text
    assert len(text.splitlines()) < 12


def test_piped_it_is_plain_whatever_text_it_tells() -> None:
    text = written(hostile())
    assert set(re.findall(r"[^\n -~]", text)) <= {"§"}
    assert "[bold red]x[/] [link=evil]y" in text
    assert "\\x1b[31m\\x00\\x07 \\u202egnp.exe \\ud800" in text


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_on_a_terminal_nothing_is_wider_than_it(width: int) -> None:
    for judgement in (sample(), hostile()):
        text = on_terminal(judgement, width)
        assert not set(re.findall(r"[\x00-\x08\x0b-\x1a\x7f\u202e\ud800]", text))
        plain = re.sub(r"\x1b\[[\d;]*m", "", text)
        assert max(map(len, plain.splitlines())) <= width
    assert "\x1b[1;31m" in on_terminal(sample(), width)


def test_on_a_narrow_terminal_the_address_of_a_call_gives_way_first() -> None:
    (line,) = (line for line in on_terminal(sample(), 100).splitlines() if "#2" in line)
    assert "GET /seeker/v1/leads?dateFrom... -> no answer  [fault: reset]" in line


def test_an_output_that_knows_ascii_only_is_no_failure() -> None:
    raw = BytesIO()
    console = Console(file=TextIOWrapper(raw, encoding="ascii", write_through=True), width=40, force_terminal=True)
    write_console(sample(), console)
    assert b"\\xa715" in raw.getvalue()


# JUnit


def test_junit_has_a_suite_a_drill_and_a_case_a_ruling() -> None:
    root = ET.fromstring(to_junit(sample()))
    assert [suite.get("name") for suite in root] == [
        "seeker reset-in-mid-page",
        "seeker late-lead",
        "apimo late-lead",
        "if the provider means it otherwise: seeker.empty-list=404",
    ]
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == ("12", "3", "0", "2")
    assert (root[0].get("tests"), root[0].get("failures"), root[0].get("time")) == ("4", "1", "1.250")
    case = root[0].find("testcase")
    assert case is not None
    assert case.get("classname") == "conform.seeker.reset-in-mid-page"
    assert case.get("name") == "PAGE-01 follows a list to its end"
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == "must"
    assert "-> no answer  [fault: reset]" in (failure.text or "")
    assert "to do: Ask for the next page" in (failure.text or "")
    assert sum(float(case.get("time") or 0) for case in root[0].iter("testcase")) == pytest.approx(1.25, abs=0.01)


def test_junit_skips_what_was_not_judged_and_fails_no_advice() -> None:
    advice = report([drill("a", "seeker", [broken("PAGE-02", finding("twice"))])], {"PAGE-02": Severity.ADVICE})
    (skipped,) = ET.fromstring(to_junit(advice)).iter("skipped")
    assert (skipped.get("message") or "").startswith("advice: twice")
    messages = [skipped.get("message") or "" for skipped in ET.fromstring(to_junit(sample())).iter("skipped")]
    assert [message.partition(":")[0] for message in messages] == ["not reached", "not observable"]


def test_junit_has_an_error_for_a_fault_of_ours() -> None:
    faulty = drill("a", "seeker", ruled(State.FAULTY, "PAGE-01"), faulty=("nothing struck", "and more"))
    (error,) = ET.fromstring(to_junit(report([faulty]))).iter("error")
    assert error.get("message") == "a fault of ours: nothing struck"
    assert error.text == "nothing struck\nand more"
    alone = ET.fromstring(to_junit(report([drill("a", "seeker", [], faulty=("oh",))])))
    assert (alone.get("tests"), alone.get("errors")) == ("1", "1")


def test_junit_skips_what_the_baseline_knows_and_fails_what_it_did_not_expect() -> None:
    known = [
        {"provider": "seeker", "drill": "*", "obligation": "PAGE-01"},
        {"provider": "apimo", "drill": "late-lead", "obligation": "RUN-01"},
        {"provider": "gsl", "drill": "x", "obligation": "RUN-01"},
    ]
    root = ET.fromstring(to_junit(with_baseline(sample(), *known)))
    assert root[-1].get("name") == "baseline"
    assert [case.get("name") for case in root[-1]] == ["apimo late-lead RUN-01", "gsl x RUN-01"]
    assert [child.tag for case in root[-1] for child in case] == ["failure", "skipped"]
    assert (root.get("failures"), root.get("skipped")) == ("2", "5")


def test_junit_is_xml_whatever_text_it_tells() -> None:
    text = to_junit(hostile())
    text.encode()
    suite = ET.fromstring(text)[0]
    assert "</script><!-- <b onmouseover=alert(1)> & [31m" in (suite.get("name") or "")
    many = report([drill("a", "seeker", [broken("PAGE-02", finding("x", *range(1, 20)))], calls=CALLS)])
    assert "and 9 more" in to_junit(many)


# JSON


def test_json_is_the_whole_report() -> None:
    assert Report.model_validate_json(to_json(sample())) == sample()
    document = json.loads(to_json(sample()))
    assert document["schema_version"] == 1
    assert document["obligations"][0]["drills"]


def test_json_fits_its_schema_and_newer_members_do_too() -> None:
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for judgement in (sample(), hostile(), report([])):
        validator.validate(json.loads(to_json(judgement)))
    document = json.loads(to_json(sample()))
    document["drills"][0]["calls"][0]["newer"] = 1
    validator.validate(document)
    del document["drills"][0]["calls"][0]["status"]
    assert not validator.is_valid(document)


def test_the_schema_is_that_of_the_models() -> None:
    expected = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    assert SCHEMA.read_text(encoding="utf-8") == expected, "write json_schema() into the file; think of SCHEMA_VERSION"


def test_json_can_be_encoded_whatever_text_it_tells() -> None:
    document = json.loads(to_json(hostile()).encode())
    assert document["program"].endswith("\u202egnp.exe � ]]> @@data@@")


# HTML


class SeenPage(HTMLParser):
    """What a browser makes of it, as far as the tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self._open.append(str(attributes.get("id") or attributes.get("type") or tag))

    def handle_endtag(self, tag: str) -> None:
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            self.inside[self._open[-1]] = self.inside.get(self._open[-1], "") + data

    @property
    def policy(self) -> str:
        """The Content-Security-Policy."""
        return next(str(has["content"]) for tag, has in self.tags if has.get("http-equiv") == "Content-Security-Policy")


@pytest.mark.parametrize("make", [sample, hostile])
def test_the_page_has_the_report_and_nothing_from_elsewhere(make: Callable[[], Report]) -> None:
    judgement = make()
    text = to_html(judgement)
    text.encode()
    page = SeenPage(text)
    assert json.loads(page.inside["report"]) == json.loads(to_json(judgement))
    names = [tag for tag, _ in page.tags]
    assert names.count("script") == 3
    assert not {"link", "img", "iframe", "object", "embed", "base", "video", "audio", "b onmouseover"} & set(names)
    for tag, has in page.tags:
        assert not {"src", "srcset", "action", "data", "style", "background"} & set(has), tag
        assert not any(name.startswith("on") for name in has), tag
        assert str(has.get("href") or "#").startswith("#")
    assert "http://" not in page.inside["style"] + page.inside["script"]
    assert not re.search(r"url\(|@import|https?:", page.inside["style"] + page.inside["script"])


def test_an_obligation_has_a_link_and_code_and_families_are_explained() -> None:
    page = SeenPage(to_html(sample()))
    explained = json.loads(page.inside["pages"])
    assert set(explained["code"]) == {obligation.id for obligation in sample().obligations}
    assert explained["code"]["PAGE-01"] == code_of("PAGE-01").model_dump()
    assert set(explained["families"]) == {"RUN", "PAGE", "SYNC", "FAULT", "TOLERANCE", "GDPR", "HOOK"}
    assert explained["families"]["SYNC"] == families()["SYNC"].about
    script = page.inside["script"]
    assert 'addEventListener("hashchange", openDuty);' in script
    assert "name === entry.data.id || name === nameOf(entry.data).toUpperCase()" in script
    assert all(one in script for one in ("pages.code[", "pages.families[", "pages.names"))


def test_the_policy_lets_only_our_style_and_script_work() -> None:
    page = SeenPage(to_html(sample()))
    for name, directive in (("style", "style-src"), ("script", "script-src")):
        digest = base64.b64encode(hashlib.sha256(page.inside[name].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in page.policy
    assert page.policy.startswith("default-src 'none';")
    assert "unsafe" not in page.policy


def test_data_is_never_put_in_as_markup() -> None:
    script = SeenPage(to_html(sample())).inside["script"]
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\(|setAttribute\(.on", script
    )
    raw = to_html(hostile())
    assert raw.count("</script>") == 3
    assert raw.count("<!--") == 0
    assert "<b onmouseover" not in raw


def test_the_page_fits_a_phone_and_both_colour_schemes() -> None:
    text = to_html(sample())
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    assert "prefers-color-scheme: dark" in text
    assert "max-width: 700px" in text
    assert ":focus-visible" in text


def test_without_javascript_the_page_tells_what_is_broken() -> None:
    known = {"provider": "seeker", "drill": "*", "obligation": "SYNC-01"}
    text = to_html(with_baseline(sample(), known))
    plain = text[text.index("<noscript>") : text.index("</noscript>")]
    assert "<b>PAGE-01 must, seeker: A correct client follows a list to its end.</b>" in plain
    assert "SYNC-01 should, seeker (known)" in plain
    assert "late-lead: page 2 of the leads of agency 101 was never asked for" in plain
    assert "<li>Nothing.</li>" in to_html(report([drill("a", "seeker", ruled(State.HELD, "RUN-01"))]))


def test_a_whole_battery_stays_small() -> None:
    judgement = large()
    text = to_html(judgement)
    assert len(text.encode()) < 5_000_000
    assert json.loads(SeenPage(text).inside["report"])["drills"][0]["calls"][0]["reply"].endswith("…")
    many = to_html(large(drills=10, calls=500))
    assert len(many.encode()) < 8_000_000
    apart = judgement.model_copy(update={"drills": judgement.drills[:20], "other_readings": judgement.drills[20:]})
    assert len(to_html(apart).encode()) < 5_000_000


def test_long_outputs_are_shown_from_their_end() -> None:
    made = drill("a", "seeker", ruled(State.HELD, "RUN-01"), runs=(run(output="x" * 5000 + "the end"),))
    output = json.loads(SeenPage(to_html(report([made]))).inside["report"])["drills"][0]["runs"][0]["output"]
    assert len(output) < 2100
    assert output.endswith("the end")


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node to read JavaScript")
@pytest.mark.parametrize(
    ("hashes", "opened"),
    [
        (["#PAGE-01"], ["seeker: a correct client follows a list to its end"]),
        (["#apimo-PAGE-01"], ["apimo: a correct client follows a list to its end"]),
        (["#page-01"], ["seeker: a correct client follows a list to its end"]),
        (["", "#SYNC-03"], ["apimo: a correct client finds leads that arrive late"]),
        (["#PAGE-99"], []),
        (["#obligations"], []),
        ([""], []),
    ],
    ids=str,
)
def test_a_link_opens_the_obligation_that_it_names(hashes: list[str], opened: list[str], tmp_path: Path) -> None:
    page = tmp_path / "conform.html"
    page.write_text(to_html(sample()), encoding="utf-8")
    command = ["node", str(Path(__file__).with_name("page.mjs")), str(page), *hashes]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert [summary[summary.index(words) :] for summary, words in zip(seen["open"], opened, strict=True)] == opened
    assert seen["scrolled"] == bool(opened)
    if opened:
        assert "A piece of a client that breaks it, and mended" in seen["text"]


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node to read JavaScript")
def test_the_script_of_the_page_is_javascript(tmp_path: Path) -> None:
    script = tmp_path / "page.js"
    script.write_text(SeenPage(to_html(sample())).inside["script"], encoding="utf-8")
    done = subprocess.run(["node", "--check", script], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr


def test_the_forms_that_are_text_have_names() -> None:
    assert set(FORMS) == {"json", "junit", "html", "markdown", "github", "badge"}
    assert FORMS["json"](sample()) == to_json(sample())


# Musts that were never reached


def unreached(**changes: Any) -> Report:
    rows = [f"seeker FAULT-{number:02}" for number in range(1, 15)]
    held = [drill("plain", "seeker", ruled(State.HELD, "RUN-01") + ruled(State.NOT_REACHED, "FAULT-01", "SYNC-01"))]
    return report(held, **{"not_reached": tuple(rows), "not_used": ("seeker webhooks", "seeker writes"), **changes})


def test_a_must_that_was_never_reached_is_no_pass_in_any_form() -> None:
    line = "INCOMPLETE: 1 held; 2 not reached: not a pass (14 must: FAULT-01, FAULT-02"
    text, page = written(unreached()), to_html(unreached())
    assert line in text
    assert "FAULT-12 and 2 more)" in text
    assert "Not a pass: 14 musts that the program never came to" in text
    assert "FAULT-14" in text, "the whole list stands below"
    assert "Not used, so nothing about it is owed: webhooks, writes." in text
    assert line in page
    assert "Not reached, though each is a must: FAULT-01" in page
    assert json.loads(to_json(unreached()))["not_reached"][0] == "seeker FAULT-01"
    assert json.loads(to_badge(unreached()))["message"] == "1 held, 14 must not reached"


def test_a_must_that_was_to_be_reached_is_a_failure_in_any_form() -> None:
    required = unreached(require_reached=True, exit_code=1)
    assert "FAILED: 1 held; 2 not reached: not a pass (14 must: FAULT-01" in written(required)
    for made, kind in ((unreached(), "skipped"), (required, "failure")):
        suite = next(suite for suite in ET.fromstring(to_junit(made)) if suite.get("name") == "reach")
        cases = suite.findall("testcase")
        assert len(cases) == 14
        assert all(case.find(kind) is not None for case in cases)
        values = {item.get("name"): item.get("value") for item in suite.iter("property")}
        assert values["not_used"] == "seeker webhooks, seeker writes"
    assert json.loads(to_badge(required)) == {**json.loads(to_badge(required)), "message": "14 must not reached"}


def test_with_several_providers_each_is_named() -> None:
    both = [drill("plain", name, ruled(State.NOT_REACHED, "FAULT-01")) for name in ("apimo", "seeker")]
    made = report(both, not_reached=("apimo FAULT-01", "seeker FAULT-01"))
    assert "(2 must: apimo FAULT-01, seeker FAULT-01)" in written(made)
