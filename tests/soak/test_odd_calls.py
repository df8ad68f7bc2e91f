"""The soak's own calls: a few of them as an example, and what they make of an application that fails."""

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
    problems, statuses = odd_calls(app, app.providers[provider].contract, credentials_of(app, provider), 120, 7)
    assert problems == []
    assert statuses.total() >= 100
    assert len(statuses) > 3


def test_a_failure_and_an_answer_out_of_contract_are_noticed(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    contract, credentials = app.providers["apimo"].contract, basic("nobody:knows")
    record: Any = app.sandbox.journal.record
    strange = Violation("reply", "/leads", "type", "leads is no list")

    def recorded(*arguments: Any, **members: Any) -> Any:
        (*before, _), after = arguments[:10], arguments[10:]
        return record(*before, (strange,), *after, **members)

    monkeypatch.setattr(app.sandbox.journal, "record", recorded)
    problems, statuses = odd_calls(app, contract, credentials, 30, 7)
    assert len(problems) >= sum(statuses.values()) / 2
    assert all("leads is no list" in problem for problem in problems)
