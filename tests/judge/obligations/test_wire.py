"""The judges of calls: contract, tokens, failures, writes. Each held, broken, not reached, and without false alarms."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus

import httpx2
import pytest

from mockserver.contract.ledger import Fidelity
from mockserver.foundation.problems import Violation
from mockserver.foundation.redaction import MASK
from mockserver.judge.calls import JudgedCall
from mockserver.judge.catalogue import OBLIGATIONS, severity_of
from mockserver.judge.evidence import Evidence, HeldLead, LeadSnapshot, Run
from mockserver.judge.obligations import JUDGES, contract, credentials, error_handling, faults, tokens, writes
from mockserver.judge.obligations.queries import MAX_CALLS, named
from mockserver.judge.rulings import Ruling, Severity, State
from mockserver.provider_api.judge_adapter import JudgeAdapter, PageRequest, SeenPage
from mockserver.providers.contracts import provider_names
from mockserver.sandbox.faults import Fault
from mockserver.server.app import MockServer
from tests.conftest import NOW, MakeClient
from tests.support.evidence import BASIC, JUDGE_ADAPTER, REFUSED, entry, evidence, lead, run, seen, token, write
from tests.support.gsl import CREDENTIALS
from tests.support.in_process import TestClient

HELD, BROKEN, NOT_REACHED = State.HELD, State.BROKEN, State.NOT_REACHED
OURS = {
    **contract.JUDGES,
    **tokens.JUDGES,
    **credentials.JUDGES,
    **faults.JUDGES,
    **error_handling.JUDGES,
    **writes.JUDGES,
}
A_SECOND: dict[str, Any] = {"status": 429, "retry_after": "1"}
DAY = 86_400


def judged(obligation: str, given: Evidence | Run, adapter: JudgeAdapter = JUDGE_ADAPTER) -> Ruling:
    """The ruling on evidence, or on a single run."""
    return OURS[obligation](evidence(given, adapter=adapter) if isinstance(given, Run) else given)


def state(obligation: str, *runs: Run, adapter: JudgeAdapter = JUDGE_ADAPTER, **given: Any) -> State:
    """How runs met an obligation."""
    return judged(obligation, evidence(*runs, adapter=adapter, **given)).state


def only(ruling: Ruling) -> str:
    """The text of the one finding."""
    assert ruling.state is BROKEN
    assert len(ruling.findings) == 1, ruling.findings
    return ruling.findings[0].text


def page(next: str | None = None) -> SeenPage:
    """A whole page without leads."""
    return SeenPage((), next)


def unauthorized(**given: Any) -> JudgedCall:
    """A call of the list that is answered with 401."""
    return seen(status=401, **given)


# What is general


def test_every_obligation_has_a_judge_and_every_judge_an_obligation() -> None:
    assert JUDGES.keys() == OBLIGATIONS.keys()


@pytest.mark.parametrize("obligation", OURS)
def test_a_client_that_never_called_came_to_nothing(obligation: str) -> None:
    assert state(obligation, run()) is NOT_REACHED


@pytest.mark.parametrize("obligation", OURS)
def test_a_client_that_reads_a_list_with_one_token_breaks_nothing(obligation: str) -> None:
    first = [token(), seen(page=page("100")), seen(place="100")]
    assert state(obligation, run(*first), run(seen())) in (HELD, NOT_REACHED)


@pytest.mark.parametrize("obligation", OURS)
def test_looking_only_at_headers_breaks_nothing(obligation: str) -> None:
    options = seen(operation="", method="OPTIONS", status=204, reply="", sent={"authorization": None})
    head = replace(seen(method="HEAD", fault="truncate"), page=None)
    assert state(obligation, run(token(), options, head, head, seen())) in (HELD, NOT_REACHED)


@pytest.mark.parametrize("obligation", OURS)
def test_a_client_that_stops_at_a_failure_and_says_so_breaks_nothing(obligation: str) -> None:
    for last in (seen(**A_SECOND), seen(status=503), seen(status=0, fault="reset"), seen(fault="truncate")):
        assert state(obligation, run(token(), seen(page=page("100")), last, exit_code=1)) in (HELD, NOT_REACHED)


def test_a_finding_names_a_few_calls_with_short_addresses() -> None:
    finding = judged("FAULT-04", run(*[seen(status=500)] * 20)).findings[0]
    assert finding.entries == tuple(range(1, MAX_CALLS + 1))
    assert len(named(seen(query="q" * 500))) < 130


# Contract


def wrong(place: Any, pointer: str, rule: str, message: str = "`x` is wrong") -> Violation:
    return Violation(place, pointer, rule, message)


def test_a_call_that_breaks_the_contract() -> None:
    bad = seen(status=422, query="limit=x", violations=[wrong("query", "/limit", "type", "`limit` is 'x'")])
    text = only(judged("CONTRACT-01", run(bad, bad, seen())))
    assert text == "call 1 (GET /leads?limit=x), and 1 more call like it: `limit` is 'x' (query /limit)"
    assert state("CONTRACT-01", run(seen())) is HELD


@pytest.mark.parametrize("level", ["documented", "observed", "inferred", "assumed"])
def test_a_broken_rule_is_a_must_only_where_a_document_or_a_client_has_it(level: str) -> None:
    """Verdicts are as sure as the bound, and say whose it is."""
    bad = seen(status=422, violations=[wrong("query", "/limit", "minimum", "`limit` is 0; 1 is the least")])
    conversation = evidence(run(bad), certainty=lambda operation, violation: Fidelity(level, "dossier apimo §9"))
    rulings = {id: OURS[id](conversation) for id in ("CONTRACT-01", "CONTRACT-07")}
    is_sure = level in ("documented", "observed")
    assert rulings["CONTRACT-01"].state is (BROKEN if is_sure else HELD)
    assert rulings["CONTRACT-07"].state is (HELD if is_sure else BROKEN)
    if not is_sure:
        (finding,) = rulings["CONTRACT-07"].findings
        assert finding.text.endswith(f"1 is the least (query /limit; {level}: our notes on Apimo (open questions))")


def test_what_is_unsure_of_a_contract_is_never_more_than_advice() -> None:
    assert {severity_of(provider, "CONTRACT-07") for provider in provider_names()} == {Severity.ADVICE}


@pytest.mark.parametrize(
    "call",
    [
        seen(status=500, violations=[wrong("reply", "/x", "type")]),
        seen(status=400, violations=[wrong("body", "/place", "cursor")]),
        write(status=422, violations=[wrong("body", "/reference", "unique")]),
        write(status=415, violations=[wrong("header", "/content-type", "unsupported_media_type")]),
        token(status=400, violations=[wrong("body", "/scope", "required")]),
        seen(status=400, since=NOW, until=NOW + 8 * DAY, violations=[wrong("query", "/maxDate", "period")]),
    ],
    ids=["ours", "cursor", "reference", "content type", "scope", "long period"],
)
def test_what_other_obligations_answer_for_is_not_charged_twice(call: JudgedCall) -> None:
    assert state("CONTRACT-01", run(call)) is HELD


def test_a_period_that_ends_before_it_begins_is_against_the_contract() -> None:
    call = seen(status=400, since=NOW, until=NOW - 5, violations=[wrong("query", "/minDate", "period")])
    assert state("CONTRACT-01", run(call)) is BROKEN


def test_unknown_parameters() -> None:
    note = "query parameter `limt`: unknown, ignored; did you mean `limit`?"
    assert note in only(judged("CONTRACT-02", run(seen(notes=[note]), seen(notes=[note]))))
    assert state("CONTRACT-02", run(seen(notes=["3 more query parameters are unknown, ignored"]))) is BROKEN
    assert state("CONTRACT-02", run(seen(notes=["body member `x`: unknown, ignored", "limit 9 is above"]))) is HELD


def test_the_content_type_of_bodies() -> None:
    for right in ("application/json", "application/json; charset=utf-8", "application/merge-patch+json"):
        assert state("CONTRACT-03", run(write(body={"a": 1}, sent={"content-type": right}))) is HELD
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert state("CONTRACT-03", run(token(sent=form))) is HELD
    assert state("CONTRACT-03", run(write(body={"a": 1}, sent=form))) is BROKEN
    assert state("CONTRACT-03", run(seen(), write(operation="cancel", body=None))) is NOT_REACHED
    assert "no Content-Type" in only(judged("CONTRACT-03", run(write(body={"a": 1}, sent={"content-type": None}))))


def test_the_user_agent() -> None:
    assert "has no User-Agent" in only(judged("CONTRACT-04", run(token(sent={"user-agent": None}), seen())))
    assert "is empty" in only(judged("CONTRACT-04", run(seen(sent={"user-agent": " "}))))
    assert state("CONTRACT-04", run(seen(sent={"user-agent": "Python-urllib/3.11"}))) is HELD
    note = "User-Agent is 'node'; three pairs are needed, such as YourApp/1.0 lib/2.1 Python/3.11."
    assert note in only(judged("CONTRACT-04", run(seen(status=403, notes=[note]))))
    assert state("CONTRACT-04", run(seen(status=403, notes=["Agency 103 is not linked."]))) is HELD


def test_a_get_with_a_body() -> None:
    assert "it has a body" in only(judged("CONTRACT-05", run(seen(request={"limit": 1}))))
    assert state("CONTRACT-05", run(seen(), write(body={"a": 1}))) is HELD
    assert state("CONTRACT-05", run(token())) is NOT_REACHED


def test_a_secret_in_an_address() -> None:
    assert "its query has a secret" in only(judged("CONTRACT-06", run(seen(query=f"token={MASK}"))))
    assert "its path has a secret" in only(judged("CONTRACT-06", run(seen(path=f"/{MASK}/leads"))))


def test_a_token_that_failed_is_missed_when_no_call_is_served_by_an_old_one() -> None:
    assert state("FAULT-05", run(token(status=503), seen(status=401))) is BROKEN
    assert state("FAULT-05", run(token(status=503), seen())) is not BROKEN


def test_a_cursor_that_looks_like_a_token_is_no_secret() -> None:
    assert state("CONTRACT-06", run(seen(place=MASK, query=f"start={MASK}"))) is HELD
    assert state("CONTRACT-06", run(seen(place=MASK, query=f"start={MASK}&token={MASK}x"))) is BROKEN


# Tokens


def test_one_token_for_each_call() -> None:
    text = only(judged("TOKEN-01", run(token(), seen(), token(), seen(place="100"), token(), seen(place="200"))))
    assert text == "run 1 requested 3 tokens for 3 calls, of which 0 were refused; one token is good for 86400 s"
    assert state("TOKEN-01", run(token(), seen(), seen())) is HELD
    # A redirect that was followed without credentials, and refused there.
    elsewhere = unauthorized(sent={"host": "localhost:8080", "authorization": None})
    struck = seen(status=307, fault="redirect")
    assert state("TOKEN-01", run(token(), seen(), struck, elsewhere, token(), seen(place="100"))) is HELD
    assert state("TOKEN-01", run(token(), seen())) is NOT_REACHED
    assert state("TOKEN-01", run(seen(), seen()), adapter=BASIC) is NOT_REACHED


@pytest.mark.parametrize(
    "calls",
    [
        [token(), seen(), unauthorized(), token(), seen()],
        [token(), seen(status=403), token(), seen()],
        [token(sent={"host": "api"}), seen(), token(sent={"host": "sandbox"}), seen()],
        [token(scope="read"), seen(), token(scope="write"), seen()],
        [token(fault="truncate"), token(), seen(), seen()],
        [token(fault="delay", in_contract=True), token(), seen(), seen()],
        [token(status=503), token(), seen(), seen()],
        [token(expires_in=60), seen(after=50), token(expires_in=60, after=5), seen()],
    ],
    ids=["401", "403", "another address", "another scope", "truncated", "late", "503", "ended"],
)
def test_another_token_may_be_needed(calls: Sequence[JudgedCall]) -> None:
    assert state("TOKEN-01", run(*calls)) is HELD


def test_a_token_is_kept_between_runs() -> None:
    first = run(token(), seen())
    text = only(judged("TOKEN-02", evidence(first, run(token(), seen(), began=NOW + 3_600))))
    assert text.endswith("of run 2 requested a token, though that of call 1 in run 1 was good for 82800 s more")
    assert state("TOKEN-02", first, run(seen())) is HELD
    assert state("TOKEN-02", first) is NOT_REACHED


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (run(token(), seen()), run(token(), seen(), began=NOW + DAY)),
        (run(token(), seen()), run(token(), seen(), began=NOW + 23 * 3_600)),
        (run(token(), seen(status=503), exit_code=1), run(token(), seen())),
        (run(token(), seen(), unauthorized(), exit_code=1), run(token(), seen())),
        (run(token(), unauthorized()), run(token(), seen())),
        (run(token(), seen()), run()),
    ],
    ids=["ended", "about to end", "failed", "died before", "refused", "no second run"],
)
def test_a_token_that_is_no_good_to_a_later_run(first: Run, second: Run) -> None:
    assert state("TOKEN-02", first, second) is NOT_REACHED


def test_a_token_that_dies_in_a_later_run_may_be_replaced() -> None:
    assert state("TOKEN-02", run(token(scope="read"), seen()), run(token(scope="write"), seen())) is HELD
    assert state("TOKEN-02", run(token(), seen()), run(unauthorized(), token(), seen())) is HELD
    assert state("TOKEN-02", run(token(), seen()), run(token(), seen()), credentials_changed=True) is NOT_REACHED


def test_a_token_that_died_is_replaced() -> None:
    dying = [token(), seen(page=page("100")), unauthorized(place="100")]
    assert state("TOKEN-03", run(*dying, token(), seen(place="100"))) is HELD
    assert "run 1 requested no token" in only(judged("TOKEN-03", run(*dying, exit_code=1)))
    assert "never repeated with the token of call 4" in only(
        judged("TOKEN-03", run(*dying, token(), seen(place="200")))
    )
    assert state("TOKEN-03", run(*dying), credentials_changed=True) is NOT_REACHED
    assert state("TOKEN-03", run(*dying), adapter=BASIC) is NOT_REACHED


def test_a_call_that_was_answered_well_before_is_no_repetition_of_the_one_that_was_refused() -> None:
    calls = [token(), seen(), token(), unauthorized(), token()]
    assert "never repeated with the token of call 5" in only(judged("TOKEN-03", run(*calls)))


@pytest.mark.parametrize(
    "calls",
    [
        [unauthorized(place="100"), token(status=503), token(status=503)],
        [unauthorized(place="100"), token(), seen(place="100", status=503)],
        [unauthorized(place="100"), token(), unauthorized(place="100")],
        [unauthorized(), token(), unauthorized(place="100", after=0), seen(), seen(place="100")],
        [unauthorized(place="100"), token(), seen(page=page("100")), seen(place="100", until=NOW)],
        [token(status=401)],
        [seen(status=307, fault="redirect"), unauthorized(sent={"authorization": None})],
    ],
    ids=["no token", "fails", "refused", "in flight", "anew", "401 for the credentials", "redirected without"],
)
def test_a_401_after_which_nothing_more_could_be_done(calls: Sequence[JudgedCall]) -> None:
    assert state("TOKEN-03", run(token(), *calls, exit_code=1)) in (HELD, NOT_REACHED)


def test_workers_that_share_a_token_lose_it_together() -> None:
    """Each call is repeated once; a second token that dies at once is nobody's fault."""
    one, other = unauthorized(place="100"), unauthorized(place="200")
    again = [token(), seen(), one, other, token(), seen(), one, other]
    assert state("TOKEN-03", run(token(), *again, exit_code=1)) is HELD
    # The token was another worker's, and came before this worker heard of its 401.
    assert state("TOKEN-03", run(token(), one, token(), seen(place="300"), other, seen(), one, other)) is HELD
    # Without another token it was no repetition that could have helped.
    assert state("TOKEN-03", run(token(), seen(), one, one, exit_code=1)) is BROKEN
    assert state("TOKEN-03", run(token(), seen(), one, one, token(), exit_code=1)) is BROKEN


def test_credentials_that_are_refused_again_and_again() -> None:
    assert state("TOKEN-04", run(*[unauthorized()] * 3), adapter=BASIC) is HELD
    ruling = judged("TOKEN-04", run(*[unauthorized()] * 4), BASIC)
    assert "4 refusals in a row in 0.0 s, from call 1 (GET /leads) to call 4" in only(ruling)
    assert state("TOKEN-04", run(*[token(status=403)] * 3, exit_code=1)) is HELD
    assert state("TOKEN-04", run(*[token(status=401, after=0.3)] * 4)) is BROKEN
    assert state("TOKEN-04", run(*[token(status=401)] * 6)) is BROKEN
    assert state("TOKEN-04", run(*[token(status=401, after=0.1)] * 6)) is BROKEN
    assert state("TOKEN-04", run(token(), *[unauthorized(), token()] * 3, unauthorized())) is HELD
    assert state("TOKEN-04", run(token(), *[unauthorized(), token()] * 4, unauthorized())) is BROKEN
    assert state("TOKEN-04", run(token(), *[unauthorized(), token()] * 5)) is BROKEN


@pytest.mark.parametrize(
    ("calls", "adapter"),
    [
        ([unauthorized(place=str(place), after=0.001) for place in range(8)], BASIC),
        ([token(status=401, after=0.01)] * 5, JUDGE_ADAPTER),
        ([token(status=401, after=wait) for wait in (0, 0, 0, 0, 0.5, 0, 0, 0, 0)], JUDGE_ADAPTER),
        ([unauthorized(after=1), seen()] * 5, BASIC),
        ([unauthorized(sent={"authorization": None}), seen()] * 5, BASIC),
        ([token(), seen(), *[unauthorized()] * 5], JUDGE_ADAPTER),
        ([token(), seen(), *[unauthorized(), token(), seen()] * 5], JUDGE_ADAPTER),
    ],
    ids=["in flight", "workers", "workers again", "accepted between", "asked without first", "died", "dies often"],
)
def test_refusals_that_are_no_insisting(calls: Sequence[JudgedCall], adapter: JudgeAdapter) -> None:
    assert state("TOKEN-04", run(*calls), adapter=adapter) in (HELD, NOT_REACHED)


def test_a_forbidden_call_is_not_repeated() -> None:
    forbidden = seen(status=403)
    assert state("TOKEN-05", run(token(), forbidden, seen(place="1"))) is HELD
    assert state("TOKEN-05", run(token(), forbidden, token(), forbidden, exit_code=1)) is HELD
    text = only(judged("TOKEN-05", run(token(), forbidden, forbidden)))
    assert text == "call 3 repeated call 2 (GET /leads), which is forbidden (403), without a fresh token"
    assert state("TOKEN-05", run(forbidden, *[token(), forbidden] * 3)) is HELD
    text = only(judged("TOKEN-05", run(forbidden, *[token(), forbidden] * 4)))
    assert text.endswith("though 3 fresh tokens did not help")
    assert state("TOKEN-05", run(forbidden), run(forbidden), adapter=BASIC) is HELD
    assert state("TOKEN-05", run(forbidden, forbidden), adapter=BASIC) is BROKEN
    assert state("TOKEN-05", run(token(status=403), token(status=403))) is NOT_REACHED


def test_a_call_that_was_forbidden_once_may_be_made_again() -> None:
    assert state("TOKEN-05", run(seen(status=403), token(), seen(), seen(), seen())) is HELD


def test_the_fresh_token_may_be_that_of_another_worker() -> None:
    one, other = seen(status=403), seen(place="100", status=403)
    assert state("TOKEN-05", run(token(), one, token(), other, seen(), seen(place="100"))) is HELD
    assert state("TOKEN-05", run(token(), token(), one, other, seen(), seen(place="100"))) is BROKEN
    assert state("TOKEN-05", run(token(), one, token(), other, other, other)) is BROKEN


def test_each_of_a_few_lists_may_be_asked_for_with_a_fresh_token() -> None:
    def lists(count: int) -> list[JudgedCall]:
        """Every list is refused with the token that there is, and once more with a fresh one."""
        places = (unauthorized(place=str(place)) for place in range(count))
        return [call for refused in places for call in (refused, token(), refused)]

    assert state("TOKEN-04", run(token(), seen(), *lists(4), exit_code=1)) is HELD
    assert state("TOKEN-04", run(token(), seen(), *lists(20), exit_code=1)) is BROKEN


def test_many_calls_of_their_own_are_no_workers() -> None:
    calls = [unauthorized(place=str(place), after=0.001) for place in range(9)]
    assert "9 refusals in a row" in only(judged("TOKEN-04", run(*calls), BASIC))


def test_a_token_request_needs_a_scope() -> None:
    assert state("TOKEN-06", run(token())) is HELD
    assert state("TOKEN-06", run(token(request=f"grant_type=client_credentials&client_secret={MASK}&scope=a"))) is HELD
    text = only(judged("TOKEN-06", run(token(scope=None), token())))
    assert text == "call 1 (POST /oauth/token) asks for no scope, as 1 of 2 token requests do"
    assert state("TOKEN-06", run(token(request="grant_type=client_credentials&scope="))) is BROKEN
    assert state("TOKEN-06", run(seen()), adapter=BASIC) is NOT_REACHED


def test_credentials_stay_where_they_belong() -> None:
    struck = seen(status=307, fault="redirect")
    elsewhere = {"host": "localhost:8080"}
    text = only(judged("TOKEN-07", run(token(), struck, seen(sent=elsewhere))))
    assert text == (
        "call 3 (GET /leads) took credentials to localhost:8080, where call 2 was redirected to from 127.0.0.1:8080"
    )
    assert state("TOKEN-07", run(token(), struck, token(sent=elsewhere))) is BROKEN
    assert state("TOKEN-07", run(struck, unauthorized(sent={**elsewhere, "authorization": None}))) is HELD
    assert state("TOKEN-07", run(struck, seen(), exit_code=1)) is HELD
    assert state("TOKEN-07", run(token(sent=elsewhere), struck, token(sent=elsewhere))) is HELD
    assert state("TOKEN-07", run(seen(), seen(sent=elsewhere))) is NOT_REACHED


def test_a_right_that_lacks_may_be_asked_for_once_more_and_need_not() -> None:
    lacking = seen(status=403, answered={"www-authenticate": 'Bearer error="insufficient_scope"'})
    assert state("TOKEN-08", run(token(), lacking, token(), lacking, exit_code=1)) is HELD
    assert state("TOKEN-08", run(token(), lacking, exit_code=1)) is HELD
    assert state("TOKEN-08", run(token(), lacking, token(), seen(), token(), seen())) is HELD
    text = only(judged("TOKEN-08", run(token(), lacking, token(), lacking, token(), lacking, exit_code=1)))
    assert text == "run 1 requested 2 tokens after call 2 (GET /leads) was forbidden (403), and it stayed so"
    assert state("TOKEN-08", run(seen(status=403), seen(status=403)), adapter=BASIC) is NOT_REACHED
    assert state("TOKEN-08", run(token(), seen())) is NOT_REACHED


def test_secrets_in_the_output() -> None:
    def output(text: str) -> State:
        return state("TOKEN-09", run(seen(), output=text), secrets=["sesame-open", "42"])

    assert output("") is HELD
    assert output("42 leads, next page eyJpbmdlc3Rpb25EYXRlIjoxNzY3MjI1NjAwfQ==") is HELD
    assert output("could not log in\nas us with sesame-open") is BROKEN
    assert output("Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ1cyJ9.c2lnbmF0dXJl") is BROKEN
    ruling = judged("TOKEN-09", evidence(run(seen(), output="x\nsesame-open"), secrets=["sesame-open"]))
    assert only(ruling) == "the output of run 1 has a secret of 11 characters, in line 2"


@pytest.mark.parametrize("user", ["", "u", "us", "the", "4567", "who+ever/that?is"])
def test_secrets_in_other_forms(user: str) -> None:
    secret = "sésame/open+it"

    def output(text: str) -> State:
        return state("TOKEN-09", run(seen(), output=text), secrets=[secret])

    both = f"{user}:{secret}".encode()
    for encoded in (b64encode(both), urlsafe_b64encode(both), b64encode(both).rstrip(b"=")):
        assert output(f"Authorization: Basic {encoded.decode()}") is BROKEN
        assert output(f"{{'authorization': b'basic/{encoded.decode()}'}}") is BROKEN
    for form in (quote(secret), quote(secret, safe=""), quote_plus(secret)):
        assert output(f"POST /oauth/token?client_secret={form}") is BROKEN
    assert output(f"Authorization: Basic {b64encode(user.encode() + b':something-else').decode()}") is HELD
    assert output("=" * 20 + "a" * 17 + " " + "/" * 5_000) is HELD


# Failures of the provider


def date(seconds: int, **given: Any) -> JudgedCall:
    """A 503 until so many seconds after 12:00:00."""
    answered = {"date": "Thu, 01 Jan 2026 12:00:00 GMT", **given.pop("answered", {})}
    given["retry_after"] = f"Thu, 01 Jan 2026 12:{seconds // 60:02}:{seconds % 60:02} GMT"
    return seen(status=503, answered=answered, **given)


def test_seconds_of_retry_after_are_waited() -> None:
    early = run(seen(**A_SECOND), seen(after=0.3))
    text = only(judged("FAULT-01", early))
    assert text == (
        "call 2 (GET /leads) came 0.30 s after call 1 was answered with 429 and Retry-After: 1, which is 1 s"
    )
    assert judged("FAULT-01", early).findings[0].entries == (1, 2)
    assert state("FAULT-01", run(seen(**A_SECOND), seen(after=1.01))) is HELD
    assert state("FAULT-01", run(seen(status=503, retry_after="1"), seen(after=0.1))) is BROKEN


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([seen(**A_SECOND), seen(after=0.92)], HELD),
        ([seen(**A_SECOND)], HELD),
        ([seen(**A_SECOND), seen(place="100", after=0.02), seen(after=1.0)], HELD),
        ([seen(**A_SECOND), seen(after=0.002), seen(after=2)], BROKEN),
        ([seen(**A_SECOND), seen(place="100", after=0.04), seen(place="200", after=0.2), seen(after=0.8)], HELD),
        ([seen(status=503, retry_after="1"), seen(place="100", after=0.04), seen(after=1.0)], HELD),
        ([seen(status=503, retry_after="1"), seen(place="100", after=0.04), seen(after=0.06)], BROKEN),
        ([seen(status=503, retry_after="1"), *[seen(place=str(n), after=0.1) for n in range(1, 4)]], BROKEN),
        ([seen(**A_SECOND), seen(until=NOW, after=0.1)], BROKEN),
        ([seen(**A_SECOND), token(after=0.3)], BROKEN),
        ([seen(status=429), seen()], NOT_REACHED),
        ([seen(status=429, retry_after="0"), seen()], NOT_REACHED),
        ([seen(status=429, retry_after="soon"), seen()], NOT_REACHED),
        ([seen(status=500, retry_after="1"), seen()], NOT_REACHED),
    ],
    ids=[
        "rounding",
        "ended",
        "in flight",
        "at once",
        "workers",
        "a worker",
        "repeated",
        "goes on",
        "later bound",
        "another call",
        "none",
        "zero",
        "odd",
        "500",
    ],
)
def test_when_a_call_is_early(calls: Sequence[JudgedCall], expected: State) -> None:
    assert state("FAULT-01", run(*calls), run(seen())) is expected


def test_a_date_of_retry_after_is_waited_for() -> None:
    assert "12:00:04 GMT, which is 4 s" in only(judged("FAULT-02", run(date(4), seen(after=1.1))))
    assert state("FAULT-02", run(date(4), seen(after=2.1))) is HELD, "by a clock, and without the part of a second"
    assert state("FAULT-02", run(date(4), exit_code=1)) is HELD
    assert state("FAULT-02", run(date(2), seen())) is NOT_REACHED
    assert state("FAULT-02", run(date(0), seen())) is NOT_REACHED
    assert state("FAULT-02", run(seen(**A_SECOND), seen())) is NOT_REACHED
    assert state("FAULT-01", run(date(3), seen())) is NOT_REACHED


def test_a_date_without_a_date_is_compared_with_the_journal() -> None:
    call = seen(status=503, retry_after="Thu, 01 Jan 2026 00:00:05 GMT")
    assert state("FAULT-02", run(call, seen(after=1), began=NOW)) is BROKEN
    assert state("FAULT-02", run(call, seen(after=1), began=NOW + 60)) is NOT_REACHED


def down(*waits: float, last: int = 503, **given: Any) -> Run:
    """A call that fails and is repeated after those waits."""
    after = [seen(status=503, after=wait) for wait in waits[:-1]]
    return run(seen(status=503), *after, seen(status=last, after=waits[-1]), **given)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (down(0.05, 0.1), HELD),
        (down(0.05, 0.1, 0.2, last=200), HELD),
        (down(0.11, 0.1, 0.2), HELD),
        (down(1.0, 1.0, 1.0), HELD),
        (down(1.0, 0.5, 0.6), BROKEN),
        (down(0.05, 0.1, 0.2, 0.01, 0.05, 0.1, 0.2), HELD),
        (down(0.1, 0.1), BROKEN),
        (down(0.1, 0.1, 0.1, last=200), BROKEN),
        (down(0.002, 0.004, 0.005), BROKEN),
        (down(0.1, last=200), NOT_REACHED),
        (run(*[seen(**A_SECOND)] * 4), NOT_REACHED),
        (run(*[seen(status=503, retry_after="1", after=1)] * 4), NOT_REACHED),
        (run(*[seen(status=503, place=str(place)) for place in range(5)]), NOT_REACHED),
        (run(*[seen(status=503), seen()] * 4), NOT_REACHED),
    ],
)
def test_waits_grow(calls: Run, expected: State) -> None:
    assert state("FAULT-03", calls) is expected


def test_what_is_said_of_waits_that_do_not_grow() -> None:
    text = only(judged("FAULT-03", down(0.1, 0.1, 0.1)))
    assert text == "call 1 (GET /leads) failed and was repeated 3 times, after 0.10, 0.10, 0.10 s"


@pytest.mark.parametrize(
    "failing", [seen(status=500), seen(**A_SECOND), seen(status=0, fault="reset"), token(status=503)]
)
def test_a_client_gives_up_in_the_end(failing: JudgedCall) -> None:
    assert state("FAULT-04", run(*[failing] * 12, exit_code=1)) is HELD
    assert "was sent 13 times" in only(judged("FAULT-04", run(*[failing] * 13)))
    assert state("FAULT-04", run(*[failing] * 12, seen(place="1"), exit_code=1), run(failing)) is HELD
    assert "had to be stopped" in only(judged("FAULT-04", run(failing, ending="timeout")))


def test_workers_that_each_give_up_do_give_up() -> None:
    rounds = [seen(status=500, after=wait) for _ in range(4) for wait in (0.05, 0.3, 0.6, 1.2)]
    assert state("FAULT-04", run(*rounds, exit_code=1)) is HELD
    assert "was sent 28 times" in only(judged("FAULT-04", run(*rounds, *rounds[:12], exit_code=1)))


def test_when_there_is_nothing_to_give_up() -> None:
    assert state("FAULT-04", run(seen(), ending="timeout")) is NOT_REACHED
    assert state("FAULT-04", run(*[seen(status=503), seen()] * 20)) is NOT_REACHED
    assert state("FAULT-04", run(seen(status=503), ending="settled")) is HELD
    assert state("FAULT-04", run(*[seen(status=503, since=float(week)) for week in range(20)])) is HELD


@pytest.mark.parametrize("last", [seen(status=503), seen(**A_SECOND), seen(status=500, place="100"), token(status=401)])
def test_a_failure_shows_in_the_exit_code(last: JudgedCall) -> None:
    assert state("FAULT-05", run(seen(place="1"), last, exit_code=1)) is HELD
    assert "ended with exit code 0, though call 2" in only(judged("FAULT-05", run(seen(place="1"), last)))
    assert state("FAULT-05", run(seen(place="1"), last, ending="settled")) is State.NOT_OBSERVABLE


@pytest.mark.parametrize(
    "calls",
    [
        [seen(status=503), seen()],
        [seen(status=503, until=NOW), seen(until=NOW + 1)],
        [seen(status=503, place="100"), seen(page=page("100")), seen(place="100")],
        [token(status=503), token(), seen()],
        [token(status=503), seen()],
        [seen(status=403)],
        [seen(status=404)],
        [unauthorized()],
        [seen(status=400, violations=[wrong("query", "/limit", "type")])],
        [seen(status=503, operation="getLead")],
        [seen(fault="truncate")],
    ],
)
def test_what_is_no_failure_of_the_run_for_the_exit_code(calls: Sequence[JudgedCall]) -> None:
    assert state("FAULT-05", run(*calls)) is NOT_REACHED


def test_refused_credentials_show_in_the_exit_code() -> None:
    assert state("FAULT-05", run(unauthorized()), adapter=BASIC) is BROKEN
    assert state("FAULT-05", run(unauthorized()), credentials_changed=True) is BROKEN
    redirected = [seen(status=307, fault="redirect"), unauthorized(sent={"authorization": None})]
    assert state("FAULT-05", run(*redirected)) is BROKEN
    # A redirection that is not followed has a status that says so: it is a failure, and no broken answer.
    assert state("FAULT-05", run(redirected[0])) is BROKEN
    assert state("FAULT-06", run(redirected[0])) is NOT_REACHED
    assert state("FAULT-05", run(*redirected, exit_code=1)) is HELD


SPOILT = ("truncate", "malformed", "empty", "content_type", "wrong_type")


@pytest.mark.parametrize("kind", SPOILT)
def test_a_broken_answer_is_no_empty_list(kind: str) -> None:
    broken = seen(fault=kind)
    assert state("FAULT-06", run(broken, seen())) is HELD
    assert state("FAULT-06", run(broken, exit_code=1)) is HELD
    assert f"{kind}) and never got it later" in only(judged("FAULT-06", run(broken)))


def test_a_broken_answer_that_was_asked_for_again_is_no_belief_but_a_silence() -> None:
    broken = seen(fault="truncate")
    assert state("FAULT-06", run(broken, broken)) is HELD
    assert "was answered with 200, truncate and" in only(judged("FAULT-05", run(broken, broken)))
    assert state("FAULT-05", run(broken, broken, exit_code=1)) is HELD
    assert state("FAULT-05", run(broken)) is NOT_REACHED


def test_a_reset_is_no_empty_list() -> None:
    reset = seen(status=0, fault="reset", place="100")
    assert "(a reset of the connection)" in only(judged("FAULT-06", run(seen(page=page("100")), reset)))
    assert state("FAULT-06", run(reset, seen(place="100"))) is HELD
    assert state("FAULT-06", run(reset, seen(page=page("100")), seen(place="100", until=NOW))) is HELD
    assert state("FAULT-06", run(reset, seen(page=page("100")), seen(place="200"))) is BROKEN
    assert state("FAULT-06", run(reset, seen(since=1.0))) is BROKEN
    assert state("FAULT-06", run(reset, seen(until=NOW))) is HELD


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([run(seen(fault="empty"), seen(status=503))], HELD),
        ([run(seen())], NOT_REACHED),
        ([run(seen(status=503))], NOT_REACHED),
        ([run(seen(fault="extra_members", in_contract=True))], NOT_REACHED),
        ([run(seen(fault="empty"), ending="settled")], State.NOT_OBSERVABLE),
        ([run(seen(fault="empty"), ending="settled"), run(seen())], HELD),
        ([run(seen(fault="empty"), ending="settled"), run(seen(since=float(NOW)))], BROKEN),
        ([run(seen(fault="empty")), run(seen())], BROKEN),
    ],
    ids=["503 after it", "no fault", "503", "whole", "may come", "came", "passed over", "content"],
)
def test_who_takes_a_broken_answer_for_empty(runs: Sequence[Run], expected: State) -> None:
    assert state("FAULT-06", *runs) is expected


def test_a_lead_out_of_an_answer_with_a_wrong_type_may_be_kept() -> None:
    odd = seen(fault="wrong_type", reply={"leads": [{"id": "lead-7", "date": 5}]})
    assert state("FAULT-06", run(odd, outcome=[HeldLead("lead-7")], after=[lead("lead-7")])) is HELD
    assert state("FAULT-06", run(odd, outcome=[HeldLead("lead-8")])) is BROKEN


# Writes

DONE = "fault f1 (reset): the connection is reset in the place of the answer, 201; what it tells of was done"
NOT_DONE = "fault f1 (reset): the connection is reset, and nothing was done; out of contract"


def enquiry(reference: str | None = "a-1", **members: Any) -> dict[str, Any]:
    return {"type": 2, "message": "Bonjour", **({"reference": reference} if reference else {}), **members}


def lost(body: object, **given: Any) -> JudgedCall:
    return write(**{"body": body, "status": 0, "reply": "", "fault": "reset", "notes": [DONE], **given})


def test_a_write_is_not_repeated_blindly() -> None:
    text = only(judged("WRITE-01", run(lost(enquiry()), write(body=enquiry("a-2"), after=0.5))))
    assert text == (
        "call 2 (POST /leads) repeated call 1 as 'a-2' in the place of 'a-1', 0.50 s after its answer was lost"
    )
    assert state("WRITE-01", run(lost(enquiry()), exit_code=1), run(write(body=enquiry("a-2")))) is BROKEN
    assert state("WRITE-01", run(lost(enquiry(), status=201, fault="truncate"), write(body=enquiry("z")))) is BROKEN


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([lost(enquiry()), write(body=enquiry())], HELD),
        ([lost(enquiry()), write(body=enquiry(), status=422)], HELD),
        ([lost(enquiry()), seen()], HELD),
        ([lost(enquiry()), write(body=enquiry("a-2", message="Bonsoir"))], HELD),
        ([lost(enquiry()), write(body=enquiry("a-2"), path="/others")], HELD),
        ([lost(enquiry(), notes=[NOT_DONE]), write(body=enquiry("a-2"))], NOT_REACHED),
        ([write(body=enquiry()), write(body=enquiry("a-2"))], NOT_REACHED),
    ],
    ids=["same reference", "refused", "looked", "another lead", "another place", "not done", "not lost"],
)
def test_when_a_write_may_follow(calls: Sequence[JudgedCall], expected: State) -> None:
    assert state("WRITE-01", run(*calls)) is expected


def test_a_write_without_a_reference_is_looked_for_first() -> None:
    def note(**given: Any) -> JudgedCall:
        return write("createNote", enquiry(None), **given)

    gone = note(status=0, reply="", fault="reset", notes=[DONE])
    assert state("WRITE-01", run(gone, note())) is BROKEN
    assert state("WRITE-01", run(gone, seen(), note())) is HELD


def sent_again(*between: JudgedCall, **given: Any) -> Run:
    """A lead whose answer was lost, and that was sent once more with the same reference; it was made twice."""
    again = write(body=enquiry(), reply={"id": "8"}, after=0.5)
    there = {"after": [lead("7"), lead("8", enquiry=2, repeats=1)], **given}
    return run(lost(enquiry()), *between, again, **there)


def test_a_lead_is_looked_for_before_it_is_sent_once_more() -> None:
    ruling = judged("WRITE-03", sent_again())
    assert only(ruling) == (
        "call 2 (POST /leads) sent 'a-1' once more, 0.50 s after the answer to call 1 was lost, "
        "with no look at what is there; it made lead 8, a second one"
    )
    assert (ruling.findings[0].entries, ruling.findings[0].leads) == ((1, 2), ("8",))
    assert state("WRITE-01", sent_again()) is HELD
    twice = [lead("7"), lead("8", enquiry=2, repeats=1)]
    first, later = run(lost(enquiry())), run(write(body=enquiry(), reply={"id": "8"}), after=twice)
    assert state("WRITE-03", first, later) is BROKEN


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([sent_again(seen())], HELD),
        ([sent_again(after=[lead("7")])], HELD),
        ([sent_again(after=[lead("8")])], HELD),
        ([run(lost(enquiry()))], HELD),
        ([run(lost(enquiry()), write(body=enquiry("a-2")))], HELD),
        ([run(lost(enquiry()), write(body=enquiry(), status=422))], HELD),
        ([run(write(body=enquiry()), write(body=enquiry()))], NOT_REACHED),
        ([run(lost(enquiry(None)), write(body=enquiry(None)))], NOT_REACHED),
    ],
    ids=["looked", "changed", "no repetition", "never", "another reference", "refused", "not lost", "no reference"],
)
def test_when_a_lead_may_be_sent_once_more(runs: Sequence[Run], expected: State) -> None:
    assert state("WRITE-03", *runs) is expected


BEFORE = lead(
    "7", message="Bonjour", step="1", date="2026-01-01 10:00:00", opened={"date": "2026-01-01"}, phone="", n=0
)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (lead("7", message="Bonsoir", n=0), HELD),
        (lead("7", message="Bonjour", step=None, date=None, opened=None, n=0), HELD),
        (lead("7", message="", n=0), BROKEN),
        (lead("7", message=None), BROKEN),
        (lead("7", message="", erased=True), NOT_REACHED),
        (lead("8"), NOT_REACHED),
    ],
    ids=["changed", "moments and step", "emptied", "null", "erased", "gone"],
)
def test_a_change_loses_nothing(after: Any, expected: State) -> None:
    put = write("updateLead", {"message": "x"}, method="PUT", path="/leads/7", status=200)
    assert state("WRITE-02", run(put, before=[BEFORE], after=[after])) is expected


def test_what_is_said_of_a_change_that_loses_something() -> None:
    put = write("updateLead", {"step": "2"}, method="PUT", path="/leads/7", status=200)
    ruling = judged("WRITE-02", run(put, put, before=[BEFORE], after=[lead("7")]))
    assert only(ruling) == "call 2 (PUT /leads/7) changed lead 7, which has no message, n any more"
    assert ruling.findings[0].leads == ("7",)


def test_a_lead_that_was_created_and_changed_in_one_run_loses_nothing_of_what_was_sent() -> None:
    created = write(body={"reference": "r", "message": "Bonjour", "phone": "06", "hidden": "x"}, reply={"id": 7})
    now = lead("7", message=None, phone="06", reference="r")

    def changed(*, of: LeadSnapshot = now, **body: Any) -> State:
        put = write("updateLead", body, method="PUT", path="/leads/7", status=200)
        return state("WRITE-02", run(created, put, after=[of]))

    assert changed(phone="06") is BROKEN
    assert changed(phone="06", message="Bonjour") is HELD, "it was sent back, and is empty for another reason"
    assert changed(of=lead("7", message="Bonjour", phone="06"), step="2") is HELD, "what is never shown nobody knows"
    first = write("updateLead", {"step": "2"}, method="PUT", path="/leads/7", status=200)
    assert state("WRITE-02", run(first, created, after=[now])) is NOT_REACHED


# Real entries


class Client:
    """A client whose calls are judged from the journal of a real sandbox."""

    def __init__(self, client: TestClient, provider: str, adapter: JudgeAdapter, lists: Sequence[str]) -> None:
        assert isinstance(client.app, MockServer)
        self.client, self.provider, self.adapter, self.lists = client, provider, adapter, lists
        self.sandbox = client.app.sandbox

    def fault(self, kind: str, **members: Any) -> None:
        self.sandbox.faults.clear()
        self.sandbox.faults.add(Fault.model_validate({"kind": kind, "provider": self.provider, **members}))

    def call(self, method: str, path: str, **given: Any) -> Any:
        try:
            return self.client.request(method, f"/{self.provider}{path}", follow_redirects=False, **given)
        except ConnectionResetError:
            return None

    def judged(self, obligation: str, **given: Any) -> Ruling:
        calls = tuple(self._seen(entry) for entry in self.sandbox.journal.entries())
        return OURS[obligation](
            replace(evidence(run(), adapter=self.adapter), runs=[replace(run(**given), number=1, calls=calls)])
        )

    def state(self, obligation: str, **given: Any) -> State:
        return self.judged(obligation, **given).state

    def _seen(self, found: Any) -> JudgedCall:
        asked = PageRequest("leads", None, None, "", 100) if found.operation in self.lists else None
        whole = found.status == 200 and (found.fault is None or found.fault["in_contract"])
        return JudgedCall(found, 1, asked, page() if asked and whole else None)


@pytest.fixture
def basic(make_client: MakeClient) -> Client:
    """A client with HTTP Basic."""
    return Client(make_client(journal_body=1 << 20), "apimo", BASIC, ["listLeads"])


@pytest.fixture
def oauth(make_client: MakeClient) -> Client:
    """A client of a provider with tokens, that has none yet."""
    client = make_client(journal_body=1 << 20)
    client.auth = httpx2.Auth()
    adapter = replace(JUDGE_ADAPTER, uses_offsets=False)
    return Client(client, "gsl", adapter, ["searchLeads"])


LEADS = "/agencies/101/leads"
SEARCH: dict[str, Any] = {"SearchCriteria": {"StartDate": 0, "EndDate": NOW}}


def test_calls_in_contract_hold_everything(basic: Client) -> None:
    basic.call("GET", f"{LEADS}?limit=2")
    basic.call("HEAD", LEADS)
    basic.call("OPTIONS", LEADS)
    assert {basic.state(obligation) for obligation in OURS} == {HELD, NOT_REACHED}
    assert {basic.state(f"CONTRACT-0{number}") for number in (1, 2, 4, 5, 6)} == {HELD}


@pytest.mark.parametrize(
    ("obligation", "method", "path", "given"),
    [
        ("CONTRACT-01", "GET", f"{LEADS}?limit=many", {}),
        ("CONTRACT-01", "GET", "/nowhere", {}),
        ("CONTRACT-01", "DELETE", LEADS, {}),
        ("CONTRACT-01", "POST", LEADS, {"json": {"type": []}}),
        ("CONTRACT-02", "GET", f"{LEADS}?limt=2", {}),
        ("CONTRACT-02", "GET", f"{LEADS}?" + "&".join(f"p{n}=1" for n in range(30)), {}),
        ("CONTRACT-03", "POST", LEADS, {"content": b'{"type":1}'}),
        ("CONTRACT-03", "POST", LEADS, {"content": b'{"type":1}', "headers": {"content-type": "text/plain"}}),
        ("CONTRACT-04", "GET", LEADS, {"headers": {"user-agent": ""}}),
        ("CONTRACT-05", "GET", LEADS, {"json": {"limit": 1}}),
        ("CONTRACT-06", "GET", f"{LEADS}?token=abcdef", {}),
        ("CONTRACT-06", "GET", f"{LEADS}?x=0123456789abcdef0123456789abcdef01234567", {}),
    ],
)
def test_what_the_road_says_of_a_call(
    obligation: str, method: str, path: str, given: dict[str, Any], basic: Client
) -> None:
    basic.call(method, path, **given)
    assert basic.state(obligation) is BROKEN
    others = {other for other in contract.JUDGES if other != obligation and basic.state(other) is BROKEN}
    assert others <= {"CONTRACT-02"}


def test_real_failures(basic: Client) -> None:
    answers: list[tuple[dict[str, Any], str]] = [
        ({"kind": "status", "status": 429, "retry_after": 3}, "FAULT-01"),
        ({"kind": "status", "status": 503, "retry_after": 3, "retry_after_form": "date"}, "FAULT-02"),
    ]
    for answer, obligation in answers:
        basic.sandbox.journal.clear()
        basic.fault(**answer, times=1)
        basic.call("GET", LEADS)
        assert basic.state(obligation, exit_code=1) is HELD
        assert basic.state("FAULT-05") is BROKEN
        basic.call("GET", LEADS)
        assert basic.state(obligation) is BROKEN
        assert basic.state("FAULT-05") is NOT_REACHED


@pytest.mark.parametrize(
    "fault",
    [
        *({"kind": "reset", "at": at} for at in ("before", "middle", "after")),
        *({"kind": kind} for kind in SPOILT),
    ],
)
def test_real_answers_that_are_broken(fault: dict[str, Any], basic: Client) -> None:
    basic.fault(**fault, times=1)
    basic.call("GET", LEADS)
    assert basic.state("FAULT-06", exit_code=1) is HELD
    assert basic.state("FAULT-06") is BROKEN
    basic.call("GET", LEADS)
    assert basic.state("FAULT-06") is HELD


def test_real_refusals(basic: Client) -> None:
    basic.call("GET", "/agencies/103/leads")
    assert basic.state("TOKEN-05") is HELD
    basic.call("GET", "/agencies/103/leads")
    assert basic.state("TOKEN-05") is BROKEN
    basic.client.auth = ("4321", "wrong")
    basic.call("GET", LEADS)
    assert basic.state("TOKEN-04") is HELD
    for _ in range(3):
        basic.call("GET", LEADS)
    assert basic.state("TOKEN-04") is BROKEN


def test_a_real_redirect(basic: Client) -> None:
    basic.fault("redirect", times=1)
    answer = basic.call("GET", LEADS)
    assert basic.state("TOKEN-07") is HELD
    basic.client.get(answer.headers["location"], auth=("4321", "x"))
    assert basic.state("TOKEN-07") is BROKEN


def test_real_tokens(oauth: Client) -> None:
    def ask(**given: Any) -> dict[str, str]:
        unscoped = {name: value for name, value in CREDENTIALS.items() if name != "scope"}
        answer = oauth.call("POST", "/oauth/token", json={**unscoped, **given})
        return {"authorization": f"Bearer {answer.json()['access_token']}"}

    bearer = ask(scope="laas:leads:get")
    for _ in range(2):
        oauth.call("POST", "/v2/leads", json=SEARCH, headers=bearer)
    for number in (1, 6, 9):
        assert oauth.state(f"TOKEN-0{number}", output="all is well") is HELD
    ask()
    assert oauth.state("TOKEN-06") is BROKEN
    assert oauth.state("TOKEN-01") is HELD  # that one is another token
    ask(scope="laas:leads:get")
    assert oauth.state("TOKEN-01") is BROKEN
    assert oauth.state("TOKEN-09", output=f"sent {bearer}") is BROKEN
    assert {oauth.state(obligation) for obligation in contract.JUDGES} == {HELD, NOT_REACHED}


def test_a_real_token_that_died(oauth: Client) -> None:
    oauth.call("POST", "/v2/leads", json=SEARCH, headers={"authorization": "Bearer eyJhbGciOiJub25lIn0.e30.x"})
    assert oauth.state("TOKEN-03") is BROKEN
    assert oauth.state("FAULT-05") is NOT_REACHED
    oauth.call("POST", "/oauth/token", data={**CREDENTIALS, "scope": "laas:leads:get"})
    assert "never repeated" in only(oauth.judged("TOKEN-03"))


def test_a_real_lost_write(make_client: MakeClient) -> None:
    adapter = replace(BASIC, writes={"createLead": JUDGE_ADAPTER.writes["createLead"]})
    client = Client(make_client(), "apimo", adapter, ["listLeads"])
    body = {"reference": "a-1", "type": 1, "message": "Bonjour"}
    client.fault("reset", operation="createLead", at="after", times=1)
    client.call("POST", LEADS, json=body)
    assert client.state("WRITE-01") is HELD
    client.call("POST", LEADS, json=body)
    assert client.state("WRITE-01") is HELD
    client.call("POST", LEADS, json={**body, "reference": "a-2"})
    assert client.state("WRITE-01") is BROKEN


def test_a_write_that_never_arrived_may_be_made_anew(basic: Client) -> None:
    basic.adapter = replace(BASIC, writes={"createLead": JUDGE_ADAPTER.writes["createLead"]})
    basic.fault("reset", operation="createLead", at="before", times=1)
    basic.call("POST", LEADS, json={"reference": "a-1", "type": 1})
    basic.call("POST", LEADS, json={"reference": "a-2", "type": 1})
    assert basic.state("WRITE-01") is NOT_REACHED


def test_the_shape_of_builders() -> None:
    assert json.loads(entry(status=500).reply) == REFUSED
    given = evidence(run(seen(after=1.0)), run(seen(after=2.0)))
    assert [call.entry.id for call in given.calls] == [1, 2]
    assert [call.run for call in given.calls] == [1, 2]
    make: Callable[..., JudgedCall] = seen
    assert make(place="100").entry.query == "offset=100"
