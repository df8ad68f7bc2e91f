"""The baseline of the judge: what it accepts, what it is surprised by, how it is written, and the exit codes."""

import json
from pathlib import Path

import pytest

from mockserver.judge.baseline import apply, exit_code, write_baseline
from mockserver.judge.baseline_file import BaselineError, load_baseline
from mockserver.judge.report import Report
from mockserver.judge.rulings import Severity, State
from tests.support.reports import broken, drill, finding, hostile, report, ruled, sample

ROWS = "version: 1\nbroken:\n"
BROKEN = broken("PAGE-01", finding("page 2 was never asked for", 1))


def judged(path: Path, rows: str, judgement: Report, *, whole: bool = True) -> Report:
    """The report with a baseline of these rows laid over it."""
    path = path / "baseline.yaml"
    path.write_text(f"version: 1\nbroken: [{rows}]\n", encoding="utf-8")
    return apply(load_baseline(path), judgement, whole=whole)


def row(drill: str, obligation: str, provider: str = "seeker") -> str:
    """A row of the file."""
    return f'{{provider: {provider}, drill: "{drill}", obligation: {obligation}}}'


def test_what_is_broken_as_known_is_accepted_and_fails_nobody(tmp_path: Path) -> None:
    before = report([drill("one", "seeker", [BROKEN]), drill("two", "seeker", ruled(State.HELD, "PAGE-01"))])
    after = judged(tmp_path, row("one", "PAGE-01"), before)
    assert (before.exit_code, after.exit_code) == (1, 0)
    assert after.baseline
    assert after.baseline.accepted == ("seeker one PAGE-01",)
    assert [ruling.accepted for made in after.drills for ruling in made.rulings] == [True, False]
    assert not before.drills[0].rulings[0].accepted, "the report that was given is as it was"


def test_the_same_obligation_in_another_drill_still_fails(tmp_path: Path) -> None:
    before = report([drill("one", "seeker", [BROKEN]), drill("two", "seeker", [BROKEN])])
    assert judged(tmp_path, row("one", "PAGE-01"), before).exit_code == 1
    assert judged(tmp_path, row("*", "PAGE-01"), before).exit_code == 0


def test_a_drill_of_the_same_name_with_another_provider_is_another_one(tmp_path: Path) -> None:
    before = report([drill("one", "seeker", [BROKEN]), drill("one", "apimo", [BROKEN])])
    assert judged(tmp_path, row("*", "PAGE-01"), before).exit_code == 1


@pytest.mark.parametrize("name", ["one", "*"])
def test_an_unexpected_pass_fails(tmp_path: Path, name: str) -> None:
    after = judged(tmp_path, row(name, "PAGE-01"), report([drill("one", "seeker", ruled(State.HELD, "PAGE-01"))]))
    assert after.exit_code == 1
    assert after.baseline
    assert after.baseline.passed == (f"seeker {name} PAGE-01",)


def test_a_pass_in_some_drills_is_none_where_any_drill_may_be_meant(tmp_path: Path) -> None:
    """With some drills left out, it may be broken in those."""
    held = report([drill("one", "seeker", ruled(State.HELD, "PAGE-01"))])
    after = judged(tmp_path, row("*", "PAGE-01"), held, whole=False)
    assert after.exit_code == 0
    assert after.baseline
    assert after.baseline.missing == ("seeker * PAGE-01",)
    assert judged(tmp_path, row("one", "PAGE-01"), held, whole=False).exit_code == 1


@pytest.mark.parametrize("state", [State.NOT_REACHED, State.NOT_OBSERVABLE])
def test_what_was_not_judged_is_told_and_fails_nobody(tmp_path: Path, state: State) -> None:
    rows = ", ".join(
        [row("one", "PAGE-01"), row("other", "PAGE-01"), row("one", "GDPR-01"), row("one", "RUN-01", "gsl")]
    )
    after = judged(tmp_path, rows, report([drill("one", "seeker", ruled(state, "PAGE-01"))]))
    assert after.exit_code == 0
    assert after.baseline
    assert len(after.baseline.missing) == 4


def test_a_drill_that_failed_us_passes_nothing(tmp_path: Path) -> None:
    before = report([drill("one", "seeker", ruled(State.HELD, "PAGE-01"), faulty=("the fault never struck",))])
    after = judged(tmp_path, row("one", "PAGE-01"), before)
    assert after.exit_code == 3
    assert after.baseline
    assert (after.baseline.passed, after.baseline.missing) == ((), ("seeker one PAGE-01",))


def test_what_was_written_is_read_and_accepts_all(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(write_baseline(sample()), encoding="utf-8")
    after = apply(load_baseline(path), sample())
    assert after.exit_code == 0
    assert after.baseline
    assert len(after.baseline.accepted) == 3
    assert (after.baseline.passed, after.baseline.missing) == ((), ())
    assert load_baseline(path).broken[0].why == "a correct client follows a list to its end"
    assert write_baseline(after) == write_baseline(sample()), "what is accepted is still broken"


def test_a_baseline_of_nothing_is_one(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(write_baseline(report([])), encoding="utf-8")
    assert load_baseline(path).broken == ()


def test_a_baseline_of_odd_names_is_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    odd = report([drill('a: "b" #c\n\x07é ', "seeker", [BROKEN])])
    path.write_text(write_baseline(odd), encoding="utf-8")
    assert apply(load_baseline(path), odd).exit_code == 0
    assert write_baseline(hostile())


def test_json_is_read_also_where_it_is_indented_by_tabs(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    rows = [{"provider": "seeker", "drill": "*", "obligation": "PAGE-01"}]
    path.write_text(json.dumps({"version": 1, "broken": rows}, indent="\t"), encoding="utf-8")
    assert load_baseline(path).broken[0].drill == "*"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{ROWS}- {{provider: seeker, drill: a, obligation: page-02}}", "did you mean PAGE-02?"),
        (
            f"{ROWS}- {{provider: seeker, drill: a, obligation: WRITE-1}}",
            ":3: broken[0].obligation: there is no obligation 'WRITE-1'; did you mean WRITE-01?",
        ),
        (f"{ROWS}- {{provider: seekr, drill: a, obligation: PAGE-01}}", "did you mean seeker?"),
        (f"{ROWS}- {{provider: xyz, drill: a, obligation: PAGE-01}}", "there is apimo, "),
        (f"{ROWS}- {{provider: seeker, obligation: PAGE-01}}", ":3: broken[0].drill: it is missing"),
        (
            f"{ROWS}- {{provider: seeker, drill: a, obligation: PAGE-01}}\n- 5",
            ":4: broken[1]: it is to be a mapping with provider, drill, obligation, why",
        ),
        ("version: 1\nbroken: []\nskip: []", "skip: there is no such member; there is version, broken"),
        ("version: 2\nbroken: []", "version: input should be 1"),
        ("broken: []", "version: it is missing"),
        ("version: 1\nbroken: 5", "broken: input should be a valid tuple"),
        ("- a", "it is to be a mapping with version, broken"),
        ("", "it is to be a mapping with version, broken"),
        ("version: 1\nbroken: [", ":2: it cannot be read as YAML: "),
        ("version: !!python/name:os.system 1", ":1: it cannot be read as YAML: "),
        ("a\x00b", "it cannot be read as YAML: "),
        ('{"version": 1,\n"broken": }', ":2: it cannot be read as JSON: "),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BaselineError) as caught:
        load_baseline(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    with pytest.raises(BaselineError, match="cannot be read as text"):
        load_baseline(path)
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BaselineError, match="cannot be read as text"):
        load_baseline(path)


def test_the_exit_code_is_of_the_worst() -> None:
    held, faulty = drill("a", "seeker", ruled(State.HELD, "RUN-01")), drill("b", "seeker", [], faulty=("oh",))
    assert report([held]).exit_code == 0
    assert report([held, drill("c", "seeker", [broken("PAGE-02")])]).exit_code == 1, "a should fails, too"
    assert report([held, drill("c", "seeker", [BROKEN]), faulty]).exit_code == 3
    assert report([held, drill("c", "seeker", ruled(State.FAULTY, "PAGE-01"))]).exit_code == 3
    assert report([held, drill("c", "seeker", [BROKEN])], {"PAGE-01": Severity.ADVICE}).exit_code == 0


def test_what_is_broken_over_all_drills_and_in_none_of_them_fails() -> None:
    whole = report([drill("a", "seeker", ruled(State.HELD, "RUN-01"))])
    duty = whole.obligations[0].model_copy(update={"state": State.BROKEN})
    assert exit_code([duty], whole.drills) == 1


def test_advice_is_in_no_baseline() -> None:
    advice = report([drill("c", "seeker", [BROKEN])], {"PAGE-01": Severity.ADVICE})
    assert "PAGE-01" not in write_baseline(advice)
