"""A frozen battery and other readings: what counts of an obligation."""

import pytest

from mockserver.judge.catalogue import READINGS, reasons_of
from mockserver.judge.frozen_battery import battery_versions, load_battery
from mockserver.judge.report import ObligationReport
from mockserver.judge.rulings import Severity
from mockserver.judge.scoring import Scoring
from mockserver.judge.verdicts import aggregate


def row(id: str, *, strict: bool) -> ObligationReport:
    """An obligation as it is without a battery."""
    (found,) = aggregate("gsl", {id: reasons_of("gsl")[id]}, [], strict=strict)
    return found


@pytest.mark.parametrize("strict", [False, True])
def test_other_readings_count_in_a_frozen_battery_as_well_when_all_are_to_count(strict: bool) -> None:
    battery = load_battery(battery_versions()[0])
    for scoring in (Scoring(strict), Scoring(strict, battery=battery)):
        assert scoring.score(row(READINGS, strict=strict)).severity is (Severity.MUST if strict else Severity.ADVICE)


def test_what_a_frozen_battery_has_counts_as_it_did() -> None:
    battery = load_battery(battery_versions()[0])
    for strict in (False, True):
        page = row("PAGE-01", strict=strict)
        assert Scoring(strict, battery=battery).score(page) == page
