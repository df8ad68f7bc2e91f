"""The report as Markdown: what it tells, and that hostile text stays text."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mockserver.judge.report import BaselineReport, Report
from mockserver.judge.reports import to_markdown
from mockserver.judge.reports.markdown import MAX_LENGTH
from mockserver.judge.rulings import State
from tests.support.reports import broken, call, drill, finding, hostile, report, ruled, sample, with_baseline

OURS = re.compile(r"</?details>|</?summary>|<!-- -->")
"""The markup of HTML that the form itself writes."""


def parsed(judgement: Report) -> list[Token]:
    """The document as a reader of CommonMark with tables takes it, what is inside of lines included."""
    tokens = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(to_markdown(judgement))
    return [each for token in tokens for each in (token, *(token.children or ()))]


def content(tokens: list[Token], *kinds: str) -> list[str]:
    """The text of tokens of these kinds."""
    return [token.content for token in tokens if token.type in kinds]


def test_the_verdict_comes_first_and_then_what_is_broken_with_what_to_do() -> None:
    text = to_markdown(sample())
    assert text.startswith("## FAILED: 1 must, 1 should broken; 6 held; 1 not observable; 1 not reached\n")
    assert text.index("### PAGE-01 must, seeker") < text.index("### SYNC-01 should, seeker")
    plain = "".join(content(parsed(sample()), "text"))
    assert "A correct client follows a list to its end." in plain
    assert "late-lead: page 2 of the leads of agency 101 was never asked for" in plain
    assert "To do:" in plain
    assert "Ask for the next page until the answer says that there is none" in plain
    assert "The provider shows 100 leads a page, and says with 206 that more follow." in plain
    assert "MOCKSERVER_OUTCOME" in plain
    assert "\nMore: `mockserver docs PAGE-01`\n" in text


def test_the_scorecard_is_a_table() -> None:
    tokens = parsed(sample())
    assert [token.type for token in tokens].count("table_open") == 1
    rows = [line for line in to_markdown(sample()).splitlines() if line.startswith("| ")]
    assert rows[0] == "| provider | family | held | broken | not observable | not reached |"
    assert "| seeker | PAGE |  | 1 must |  |  |" in rows
    assert len({row.count("|") for row in rows}) == 1


def test_calls_and_leads_are_folded_and_code() -> None:
    tokens = parsed(sample())
    (block, *_) = content(tokens, "fence")
    assert "seeker reset-in-mid-page:\n" in block
    assert "GET /seeker/v1/leads?dateFrom=2025-12-25T00%3A00%3A00Z&lastItemKey=k2 -> no answer" in block
    assert "lost: L0, L1, L2" in block
    assert "and 28 more" in block
    text = to_markdown(sample())
    assert text.count("<details>") == text.count("</details>") == 3
    assert text.index("<details>") < text.index("lost: L0")


def test_all_held_is_short() -> None:
    text = to_markdown(report([drill("a", "seeker", ruled(State.HELD, "RUN-01"))], not_called=("gsl",)))
    assert text.startswith("## PASSED: 1 held\n")
    assert "never called it: gsl" in text
    assert len(text.splitlines()) < 12


ODD = "@octocat www.example.org https://example.org/x a@b.example :tada: ~~no~~ **no** | no `no` $x$ [a](b) ![a](b) <i>"


def test_what_others_wrote_stays_text() -> None:
    made = drill(ODD, "seeker", [broken("PAGE-01", finding(ODD, 1, leads=[ODD]))], calls=(call(1, path=f"/```{ODD}"),))
    for judgement in (hostile(), report([made], program=f"`{ODD}`` end", not_called=(ODD,))):
        tokens = parsed(judgement)
        assert not {token.type for token in tokens} & {"link_open", "image", "s_open", "em_open", "softbreak"}
        html = "".join(content(tokens, "html_block", "html_inline"))
        assert not re.findall(r"<[^>]*", OURS.sub("", html))
        assert [token.type for token in tokens].count("table_open") == 1


def test_no_line_of_others_begins_a_list_a_heading_or_a_rule() -> None:
    for odd in ("- x", "+ x", "* x", "1. x", "12) x", "# x", "> x", "---", "===", "    x", "|x|"):
        tokens = parsed(report([drill("a", "seeker", ruled(State.FAULTY, "RUN-01"), faulty=("y",))], not_called=(odd,)))
        tokens += parsed(report([], program="x", baseline=BaselineReport(passed=(odd,))))
        assert [token.type for token in tokens].count("bullet_list_open") == 2, odd
        assert not {token.type for token in tokens} & {"ordered_list_open", "hr", "blockquote_open", "code_block"}, odd
        assert {token.tag for token in tokens if token.type == "heading_open"} == {"h2", "h3"}, odd


def test_the_text_itself_is_told_in_full() -> None:
    made = drill(ODD, "seeker", [broken("PAGE-01", finding(ODD, 1))], calls=(call(1, path=f"/```{ODD}"),))
    tokens = parsed(report([made], program=f"`{ODD}`` end"))
    assert content(tokens, "code_inline")[0] == f"`{ODD}`` end"
    assert any(f"/```{ODD}" in block for block in content(tokens, "fence"))
    assert f"{ODD}: {ODD}" in "".join(content(tokens, "text"))


def test_nobody_is_mentioned_and_no_address_is_a_link_where_github_would_make_one() -> None:
    made = drill("plain", "seeker", [broken("PAGE-01", finding(ODD))])
    (line,) = (line for line in to_markdown(report([made])).splitlines() if "octocat" in line)
    assert "@<!-- -->octocat" in line
    assert not re.search(r"@\w|www\.|https:", line)


def test_a_summary_is_never_refused_for_its_length() -> None:
    many = [finding(f"{number} " + "long " * 300, 1) for number in range(5)]
    ids = [f"PAGE-{number:02}" for number in range(1, 11)] + [f"FAULT-{number:02}" for number in range(1, 9)]
    made = [drill(f"d{at}", f"p{at}", [broken(id, *many) for id in ids]) for at in range(60)]
    text = to_markdown(report(made))
    assert MAX_LENGTH / 2 < len(text) < 500_000
    assert "Broken as well, see the other reports: " in text
    assert len(text.encode()) < 1 << 20


def test_what_was_never_reached_is_told() -> None:
    made = [drill("a", "seeker", ruled(State.HELD, "RUN-01"))]
    text = to_markdown(report(made, not_reached=("seeker PAGE-01", "seeker PAGE-05"), not_used=("seeker HOOK-01",)))
    assert "<summary>Not a pass: 2 musts that the program never came to</summary>\n\nPAGE-01, PAGE-05\n" in text
    assert "HOOK-01" in text


def test_the_baseline_and_faults_of_ours_are_told() -> None:
    text = to_markdown(report([drill("a", "seeker", ruled(State.FAULTY, "PAGE-01"), faulty=("nothing struck",))]))
    assert text.startswith("## NO VERDICT: a fault of ours in 1 drill; 0 held\n")
    assert "- seeker a: nothing struck\n" in text
    accepted = {"provider": "seeker", "drill": "*", "obligation": "PAGE-01"}
    mended = {"provider": "apimo", "drill": "late-lead", "obligation": "RUN-01"}
    text = to_markdown(with_baseline(sample(), accepted, mended))
    assert "### PAGE-01" not in text
    assert "Known to be broken: PAGE-01 seeker.\n" in text
    assert "take it out of the baseline\n\n- apimo late-lead RUN-01\n" in text
