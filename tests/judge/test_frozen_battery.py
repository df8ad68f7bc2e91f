"""Frozen batteries: each names drills and obligations that there still are, and says what counts."""

import pytest

from mockserver.foundation.settings import Settings
from mockserver.judge.catalogue import reasons_of, severity_of
from mockserver.judge.drill import Drill
from mockserver.judge.frozen_battery import FrozenBattery, battery_versions, load_battery
from mockserver.judge.program import ConformError
from mockserver.judge.rulings import Severity
from mockserver.judge.suite import battery
from mockserver.server.app import providers_of
from tests.freeze_battery import frozen

DRILLS = battery(providers_of(Settings()))
MUST, SHOULD, ADVICE = Severity


def small(**changes: object) -> FrozenBattery:
    """A battery of one drill and one obligation of each provider."""
    document: dict[str, object] = {
        "version": "2020.01",
        "drills": {drill.provider: [drill.name] for drill in DRILLS if drill.name == "plain"},
        "obligations": {drill.provider: {"SYNC-01": "should"} for drill in DRILLS},
    }
    return FrozenBattery.model_validate(document | changes)


@pytest.mark.parametrize("version", battery_versions())
def test_drills_and_obligations_of_a_frozen_battery_are_never_taken_away(version: str) -> None:
    loaded = load_battery(version)
    assert loaded.version == version
    there = {(drill.provider, drill.name) for drill in DRILLS}
    assert {(provider, name) for provider, names in loaded.drills.items() for name in names} <= there
    for provider, obligations in loaded.obligations.items():
        assert obligations.keys() <= reasons_of(provider).keys()


def test_the_battery_as_it_is_now_can_be_frozen() -> None:
    now = FrozenBattery.model_validate(frozen("2030.01"))
    assert all(now.counts(drill) for drill in DRILLS)
    for provider in now.drills:
        for id in reasons_of(provider):
            today = severity_of(provider, id)
            assert now.severity_of(provider, id, today) is today


def test_what_was_added_later_does_not_count_and_what_a_user_named_does() -> None:
    for drill in DRILLS:
        assert small().counts(drill) == (drill.name == "plain")
        assert small().counts(Drill("mine", drill.provider, drill.scenario, in_battery=False))


def test_an_obligation_never_gets_more_severe_than_it_was() -> None:
    provider = DRILLS[0].provider
    severities = {today: small().severity_of(provider, "SYNC-01", today) for today in Severity}
    assert severities == {MUST: SHOULD, SHOULD: SHOULD, ADVICE: ADVICE}
    assert small().severity_of(provider, "PAGE-01", MUST) is None
    assert small(obligations={}).severity_of(provider, "SYNC-01", MUST) is None


def test_a_battery_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConformError, match=f"There is no battery '1999.01'; there is {battery_versions()[0]}"):
        load_battery("1999.01")
