"""What rests on time is looked at again alone: the second time counts, and a finding that comes again stands."""

import threading
from collections.abc import Mapping, Sequence

import pytest

from mockserver.judge import judge
from mockserver.judge.catalogue import OBLIGATIONS
from mockserver.judge.report import DrillReport
from mockserver.judge.rulings import HELD, Finding, broken
from mockserver.judge.second_look import TIMED, look_again
from mockserver.judge.verdicts import JudgedDrill
from tests.clients import gsl
from tests.support.patience import PATIENCE

LATE = broken(Finding("it was late"))


def drill(name: str, *ids: str, provider: str = "gsl", seconds: float = 1.0) -> JudgedDrill:
    """A drill in which these were broken, and the rest was held."""
    rulings = {id: LATE if id in ids else HELD for id in ("FAULT-01", "FAULT-03", "PAGE-01", "TOKEN-04")}
    report = DrillReport.model_construct(name=name, seconds=seconds)
    return JudgedDrill(provider, name, None, (), rulings, report)


def looked(judged: Sequence[JudgedDrill], *second: JudgedDrill) -> tuple[list[JudgedDrill], list[str]]:
    """The drills after the second look, and those that were repeated, in order."""
    repeated = list[str]()
    by_name = {(one.provider, one.name): one for one in second}

    def repeat(one: JudgedDrill) -> JudgedDrill:
        repeated.append(one.name)
        return by_name[one.provider, one.name]

    return look_again(judged, repeat), repeated


def test_what_is_about_time_is_an_obligation() -> None:
    assert set(OBLIGATIONS) > TIMED


def test_nothing_is_repeated_where_nothing_was_found_or_nothing_that_rests_on_time() -> None:
    judged = [drill("a"), drill("b", "PAGE-01")]
    assert looked(judged) == (judged, [])


@pytest.mark.parametrize("obligation", sorted(TIMED & {"FAULT-01", "FAULT-03", "TOKEN-04"}))
def test_a_finding_that_does_not_come_again_is_gone(obligation: str) -> None:
    judged = [drill("a", obligation), drill("b")]
    again = drill("a")
    assert looked(judged, again) == ([again, judged[1]], ["a"])


def test_a_finding_that_comes_again_stands_and_those_of_other_drills_with_it() -> None:
    judged = [drill("long", "FAULT-03", seconds=9), drill("short", "FAULT-03"), drill("middle", "FAULT-03", seconds=2)]
    again = drill("short", "FAULT-03", "PAGE-01")
    after, repeated = looked(judged, again)
    assert repeated == ["short"]
    assert after == [judged[0], again, judged[2]]


def test_each_is_repeated_until_one_comes_again() -> None:
    judged = [drill("a", "FAULT-03"), drill("b", "FAULT-03", seconds=2), drill("c", "FAULT-03", seconds=3)]
    after, repeated = looked(judged, drill("a"), drill("b", "FAULT-03"))
    assert repeated == ["a", "b"]
    assert [one.rulings["FAULT-03"] is LATE for one in after] == [False, True, True]


def test_each_obligation_of_each_provider_is_looked_at_by_itself() -> None:
    judged = [drill("a", "FAULT-03"), drill("a", "FAULT-03", provider="seeker"), drill("b", "FAULT-01", "FAULT-03")]
    after, repeated = looked(judged, judged[0], drill("a", provider="seeker"), drill("b"))
    assert repeated == ["a", "a", "b"]
    assert after == [judged[0], drill("a", provider="seeker"), drill("b")]


@pytest.mark.no_cover
def test_a_client_that_was_hasty_once_is_not_accused() -> None:
    hasty, runs = iter([True]), list[str]()

    class Client(gsl.Client):
        """Does not wait at its first failure, as if the machine had stood still."""

        def told_wait(self, answer: gsl.Answer) -> float | None:
            return None if next(hasty, False) else super().told_wait(answer)

    def run(environment: Mapping[str, str], stop: threading.Event) -> int:
        runs.append(environment["MOCKSERVER_NOW"])
        return Client(environment, stop).run()

    report = judge(run, provider="gsl", scenarios=["down-for-a-second"], timeout=PATIENCE, settle=PATIENCE)
    assert report.broken() == []
    assert next(hasty, None) is None, "it was hasty"
    assert len(runs) == 4, "two, and two again"
