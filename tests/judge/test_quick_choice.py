"""The quick battery: a few short drills that are for each `must`, and in which a correct client comes to each."""

from collections.abc import Mapping
from typing import Any

import pytest

from mockserver.foundation.settings import Settings
from mockserver.judge import judge
from mockserver.judge.catalogue import reasons_of, severity_of
from mockserver.judge.drill import Drill
from mockserver.judge.drill_duration import expected_seconds
from mockserver.judge.program import ConformError
from mockserver.judge.quick_choice import musts_of, quick_choice
from mockserver.judge.rulings import Severity, State
from mockserver.judge.suite import PLAIN, battery
from mockserver.provider_api.provider import Provider
from mockserver.providers.contracts import provider_names
from mockserver.scenarios import Scenario
from mockserver.server.app import providers_of
from tests.clients import apimo
from tests.support.patience import PATIENCE, unhurried

PROVIDERS: Mapping[str, Provider] = providers_of(Settings())


def musts(provider: str) -> set[str]:
    """All that a client of the provider must do, but for what only other readings of its documents are about."""
    return {
        id
        for id in reasons_of(provider)
        if severity_of(provider, id) is Severity.MUST
        and any(id in drill.scenario.judging.aims for drill in battery(PROVIDERS, [provider]) if not drill.variant)
    }


@pytest.mark.parametrize("provider", provider_names())
def test_each_must_has_a_drill_and_they_are_few_and_short(provider: str) -> None:
    everything, quick = battery(PROVIDERS, [provider]), battery(PROVIDERS, [provider], quick=True)
    assert set().union(*map(musts_of, quick)) == musts(provider)
    for drill in quick:
        others = set().union(*(musts_of(other) for other in quick if other is not drill))
        assert not musts_of(drill) <= others, f"{drill.name} is needless"
    assert quick[0].name == PLAIN
    assert not any(drill.variant for drill in quick)
    assert [drill.name for drill in quick] == [
        drill.name for drill in everything if drill.name in {d.name for d in quick}
    ]
    assert sum(drill.run_count for drill in quick) <= 50
    assert max(map(expected_seconds, quick)) < 10


@pytest.mark.parametrize("provider", provider_names())
def test_only_other_readings_are_left_out(provider: str) -> None:
    bound = {id for id in reasons_of(provider) if severity_of(provider, id) is Severity.MUST}
    assert bound - musts(provider) <= {"TOLERANCE-05"}


@pytest.mark.slow
@pytest.mark.no_cover
def test_a_correct_client_holds_each_must_in_it() -> None:
    # Those of the other providers are judged by all drills anyway, see `test_reference_clients`.
    report = judge(apimo.main, provider="apimo", quick=True, timeout=PATIENCE, settle=unhurried(0.6))
    assert report.exit_code == 0
    assert {row.id for row in report.obligations if row.state is State.HELD} >= musts("apimo")


def drill(
    name: str, aims: list[str], provider: str = "gsl", variant: str | None = None, runs: int = 1, **more: Any
) -> Drill:
    judge = {"then": [[]] * (runs - 1), "aims": aims}
    document = {"name": name, "why": "It is tested.", "steps": [], "judge": judge, **more}
    return Drill(name, provider, Scenario.model_validate(document), variant)


def chosen(*drills: Drill) -> list[str]:
    return [drill.name for drill in quick_choice(drills)]


def test_of_two_that_are_for_the_same_the_shorter_one_is_chosen() -> None:
    assert chosen(drill("long", ["PAGE-01"], runs=3), drill("short", ["PAGE-01"], runs=2)) == ["short"]


def test_of_equals_the_one_is_chosen_that_is_about_fewer_providers() -> None:
    particular = drill("particular", ["PAGE-01"], providers=["gsl", "seeker"])
    assert chosen(drill("general", ["PAGE-01"]), particular, drill("other", ["PAGE-01"])) == ["particular"]


def test_one_that_is_for_much_comes_before_many_that_are_for_little() -> None:
    both = drill("both", ["PAGE-01", "PAGE-03"], runs=2)
    assert chosen(drill("a", ["PAGE-01"], runs=2), drill("b", ["PAGE-03"], runs=2), both) == ["both"]


def test_what_others_are_for_together_is_left_out_again() -> None:
    # The middle one is the best at first, and needless once the others have come for the rest of theirs.
    middle = drill("middle", ["PAGE-01", "PAGE-03", "RUN-01", "RUN-02"], runs=2)
    left, right = (
        drill("left", ["PAGE-01", "PAGE-03", "RUN-03"], runs=2),
        drill("right", ["RUN-01", "RUN-02", "RUN-04"], runs=2),
    )
    assert chosen(left, middle, right) == ["left", "right"]


def test_only_what_clients_must_do_counts() -> None:
    weaker = next(id for id in reasons_of("gsl") if severity_of("gsl", id) is not Severity.MUST)
    unbound = next(id for id in reasons_of("seeker") if id not in reasons_of("gsl"))
    assert chosen(drill("a", [weaker, unbound]), drill("b", ["PAGE-01"], variant="x=y"), drill("c", [])) == []


def test_each_provider_has_its_own() -> None:
    assert chosen(drill("a", ["RUN-01"]), drill("a", ["RUN-01"], "seeker"), drill("b", ["RUN-01"], runs=2)) == [
        "a",
        "a",
    ]


def test_it_is_quick_or_it_is_of_these_scenarios() -> None:
    with pytest.raises(ConformError, match="A quick battery chooses its scenarios itself"):
        battery(PROVIDERS, ["gsl"], [PLAIN], quick=True)
