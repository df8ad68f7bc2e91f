"""A verdict is never surer than its evidence: what reasons rest on, and the severity that follows from it."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.judge.catalogue import OBLIGATIONS, reasons_of, severity_of
from mockserver.judge.reasons import Level, ObligationReason, Support, allowed_severity, effective_severity
from mockserver.judge.rulings import Obligation, Severity
from mockserver.provider_api.provider import Provider
from mockserver.providers.contracts import provider_names

LEVELS: tuple[Level, ...] = ("documented", "observed", "inferred", "assumed")
ORDER = list(Severity)
REASONS = [(provider, id) for provider in provider_names() for id in reasons_of(provider)]


def behaviours(*levels: Level) -> tuple[Support, ...]:
    return tuple(Support(kind="behaviour", source="seed 002", level=level) for level in levels)


def reason(*levels: Level, needs_all: bool = False) -> ObligationReason:
    return ObligationReason(reason="so they say", rests_on=behaviours(*levels), needs_all=needs_all)


@given(st.sampled_from(list(Severity)), st.lists(st.sampled_from(LEVELS), min_size=1, max_size=4), st.booleans())
def test_no_severity_exceeds_what_its_evidence_allows(severity: Severity, levels: list[Level], needs_all: bool) -> None:
    obligation = Obligation(id="RUN-01", severity=severity, sentence="calls", remedy="Call.")
    resting = reason(*levels, needs_all=needs_all)
    effective = effective_severity(obligation, resting)
    assert resting.level in levels
    assert ORDER.index(effective) == max(ORDER.index(severity), ORDER.index(allowed_severity(resting.level)))
    if needs_all:
        assert all(ORDER.index(effective) >= ORDER.index(allowed_severity(level)) for level in levels)
    else:
        assert any(ORDER.index(effective) >= ORDER.index(allowed_severity(level)) for level in levels)


def test_what_is_documented_or_observed_may_be_a_must_and_the_rest_less() -> None:
    assert [allowed_severity(level) for level in LEVELS] == ["must", "must", "should", "advice"]


def test_the_surest_support_counts_unless_all_are_needed() -> None:
    assert reason("assumed", "observed", "inferred").level == "observed"
    assert reason("assumed", "observed", "inferred", needs_all=True).level == "assumed"


def test_a_document_says_what_is_no_document() -> None:
    resting = ObligationReason(
        reason="so they say",
        rests_on=(
            Support(kind="answer", source="a cursor"),
            Support(kind="arithmetic", source="a gap"),
            Support(kind="rule", source="RFC 9110 §10.2.3"),
            Support(kind="rule", source="RFC 9110 §10.2.3", level="inferred"),
        ),
    )
    assert resting.document == "what the client was shown: a cursor; its own calls: a gap; RFC 9110 §10.2.3"


@pytest.mark.parametrize(("provider", "id"), REASONS)
def test_each_obligation_is_as_severe_as_its_reason_allows(provider: str, id: str) -> None:
    level = reasons_of(provider)[id].level
    severity = severity_of(provider, id)
    assert ORDER.index(severity) >= ORDER.index(OBLIGATIONS[id].severity)
    assert ORDER.index(severity) >= ["documented", "observed", "inferred", "assumed"].index(level) - 1


def test_a_behaviour_is_as_sure_as_its_row_of_the_ledger(providers: Mapping[str, Provider]) -> None:
    for name, provider in providers.items():
        ledger = {f"{row.operation} {row.subject}".strip(): row.level for row in provider.contract.ledger}
        for id, resting in reasons_of(name).items():
            for support in resting.rests_on:
                if support.row is not None:
                    assert (id, support.row, support.level) == (id, support.row, ledger.get(support.row))


RECOMMENDS = ("SHOULD", "ought", "advises", "allows")


def test_a_rule_that_only_recommends_is_not_called_a_demand() -> None:
    for provider, id in REASONS:
        for support in reasons_of(provider)[id].rests_on:
            if support.kind == "rule" and any(word in support.source for word in RECOMMENDS):
                assert support.level in ("inferred", "assumed"), (provider, id)


@pytest.mark.parametrize("provider", provider_names())
def test_what_nobody_documents_is_advice(provider: str) -> None:
    """What date a late lead gets, and the other reading of what is unclear."""
    assert severity_of(provider, "SYNC-03") is Severity.ADVICE
    assert severity_of(provider, "TOLERANCE-05") is Severity.ADVICE


@pytest.mark.parametrize("id", ["GDPR-01", "FAULT-01", "FAULT-02", "FAULT-07", "FAULT-08", "SYNC-02", "PAGE-05"])
def test_rules_answers_and_gaps_keep_their_weight(id: str) -> None:
    assert {severity_of(provider, id) for provider in provider_names()} == {Severity.MUST}
