"""The report as annotations of GitHub Actions: one command a line, whatever text it tells."""

import re

import pytest

from mockserver.judge.report import Report
from mockserver.judge.reports import to_github
from mockserver.judge.rulings import Severity, State
from tests.support.reports import broken, drill, finding, hostile, report, ruled, sample, with_baseline

COMMAND = re.compile(r"::(error|warning|notice) title=([^:,\r\n]*)::([^\r\n]*)\n")


def commands(judgement: Report) -> list[tuple[str, str, str]]:
    """Kind, title and message of each command, as the runner reads them; nothing else may be there."""
    text = to_github(judgement)
    assert COMMAND.sub("", text) == ""
    return [(kind, unescaped(title), unescaped(message)) for kind, title, message in COMMAND.findall(text)]


def unescaped(text: str) -> str:
    """What the runner makes of it: `%25` comes last there, too."""
    for sign, code in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        text = text.replace(code, sign)
    return text


def test_each_broken_obligation_is_an_annotation_the_worst_first() -> None:
    errors, warnings = commands(sample())
    assert errors[:2] == ("error", "PAGE-01 must, seeker: A correct client follows a list to its end.")
    first, more, remedy = errors[2].splitlines()
    assert first.startswith("reset-in-mid-page: page 3 of the leads of agency 101 was never asked for, although")
    assert more == "and in 1 more of the drills"
    assert remedy.startswith("To do: Ask for the next page")
    assert warnings[:2] == (
        "warning",
        "SYNC-01 should, seeker: A correct client asks in later runs only for what is new.",
    )
    advice = report([drill("a", "seeker", [broken("PAGE-02", finding("twice"))])], {"PAGE-02": Severity.ADVICE})
    assert [kind for kind, _, _ in commands(advice)] == ["notice"]


def test_nothing_broken_is_no_annotation() -> None:
    assert to_github(report([drill("a", "seeker", ruled(State.HELD, "RUN-01"))])) == ""


def test_what_the_baseline_knows_is_none_and_what_is_mended_is_one() -> None:
    accepted = {"provider": "seeker", "drill": "*", "obligation": "PAGE-01"}
    mended = {"provider": "apimo", "drill": "late-lead", "obligation": "RUN-01"}
    titles = [title for _, title, _ in commands(with_baseline(sample(), accepted, mended))]
    assert titles[0] == "held although the baseline says that it is broken"
    assert [title.partition(" ")[0] for title in titles[1:]] == ["SYNC-01"]


def test_a_fault_of_ours_is_an_error() -> None:
    made = report([drill("a", "seeker", ruled(State.FAULTY, "PAGE-01"), faulty=("nothing, struck: 100 %0A",))])
    assert commands(made) == [("error", "a fault of ours in seeker a", "nothing, struck: 100 %0A")]


@pytest.mark.parametrize(("required", "kind"), [(True, "error"), (False, "notice")])
def test_what_was_never_reached_is_one_annotation(required: bool, kind: str) -> None:
    made = [drill("a", "seeker", ruled(State.HELD, "RUN-01"))]
    missed = report(made, not_reached=("seeker PAGE-01", "seeker PAGE-05"), require_reached=required)
    title = "not a pass: 2 musts that the program never came to"
    assert commands(missed) == [(kind, title, "seeker PAGE-01, seeker PAGE-05")]


def test_what_others_wrote_begins_no_command() -> None:
    assert len(commands(hostile())) == 2
    odd = "a%0Ab\r\n::error::mine\n##[error]mine \x1b[0m,title=x:y"
    ((kind, title, message),) = commands(report([drill(odd, "seeker", [broken("RUN-01", finding(odd))])]))
    assert (kind, title) == ("error", "RUN-01 must, seeker: A correct client calls the provider.")
    assert message.splitlines()[0].count("a%0Ab ::error::mine ##[error]mine \\x1b[0m,title=x:y") == 2
    long = report([drill("a", "seeker", [broken("RUN-01", finding("x" * 100_000))])])
    assert len(to_github(long)) < 2_000
