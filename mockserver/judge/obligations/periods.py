"""Judges whether the periods of a client leave nothing out between them."""

from mockserver.judge.evidence import Evidence
from mockserver.judge.gaps import Gap, gaps
from mockserver.judge.moments import moment_text
from mockserver.judge.obligations.outcome import loss_findings
from mockserver.judge.obligations.queries import and_more
from mockserver.judge.rulings import Finding, Judges, Ruling, rule


def _leaves_no_gap(evidence: Evidence) -> Ruling:
    by_run: dict[tuple[int, str], list[Gap]] = {}
    for gap in gaps(evidence):
        by_run.setdefault((gap.run, gap.feed), []).append(gap)
    findings = [_left_out(group) for group in by_run.values()]
    return rule(findings + loss_findings(evidence, "PAGE-09"), reached=_several_periods(evidence))


def _left_out(group: list[Gap]) -> Finding:
    first = group[0]
    periods = f"up to {moment_text(first.first - 1)} and then from {moment_text(first.last + 1)} on"
    count = "the 1 second" if first.seconds == 1 else f"the {first.seconds:,} seconds"
    text = f"run {first.run} asked for the {first.feed} {periods}, and for nothing of {count} in between"
    calls = tuple(crawl.pages[0].entry.id for gap in group[:3] for crawl in (gap.before, gap.after))
    return Finding(text + and_more(group), tuple(dict.fromkeys(calls)))


def _several_periods(evidence: Evidence) -> bool:
    return any(
        len({crawl.since for crawl in crawls}) > 1
        for run in evidence.runs
        for crawls in run.index.crawls_by_feed.values()
    )


JUDGES: Judges = {"PAGE-09": _leaves_no_gap}
