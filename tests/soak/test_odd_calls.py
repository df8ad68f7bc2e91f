"""The soak's own calls: a few of them as an example, and what they make of an application that fails."""

from collections import Counter
from inspect import signature
from typing import Any

import pytest

from mockserver.foundation.problems import Violation
from mockserver.providers.contracts import provider_names
from tests.providers.apimo.test_schemathesis import MakeApp, basic
from tests.soak.odd_calls import odd_calls
from tests.soak.rounds import credentials_of

pytestmark = pytest.mark.no_cover


@pytest.mark.parametrize("provider", provider_names())
def test_calls_of_no_schema_break_nothing(make_app: MakeApp, provider: str) -> None:
    app = make_app()
    contract, credentials = app.providers[provider].contract, credentials_of(app, provider)
    statuses: Counter[int] = Counter()
    # Hypothesis draws near what it drew before, and what it draws depends on what is imported: it begins often.
    for number in range(24):
        problems, found = odd_calls(app, contract, credentials, 10, number)
        assert problems == []
        statuses += found
    assert statuses.total() >= 200
    assert len(statuses) > 3


def test_a_failure_and_an_answer_out_of_contract_are_noticed(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    contract, credentials = app.providers["apimo"].contract, basic("nobody:knows")
    record: Any = app.sandbox.journal.record
    form = signature(record)
    strange = Violation("reply", "/leads", "type", "leads is no list")

    def recorded(*arguments: Any, **members: Any) -> Any:
        return record(**{**form.bind(*arguments, **members).arguments, "violations": (strange,)})

    monkeypatch.setattr(app.sandbox.journal, "record", recorded)
    problems, statuses = odd_calls(app, contract, credentials, 30, 7)
    assert len(problems) >= sum(statuses.values()) / 2
    assert all("leads is no list" in problem for problem in problems)
