"""Token answers of other forms, and tokens that another key signs: taken, not taken, and without false alarms."""

from dataclasses import replace
from typing import Any

import pytest

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.obligations import JUDGES
from mockserver.judge.obligations.queries import failed, gives_token
from mockserver.judge.rulings import Ruling, State
from tests.support.evidence import BASIC, KEYS, evidence, lead, run, seen, shows, token

HELD, BROKEN, NOT_REACHED = State.HELD, State.BROKEN, State.NOT_REACHED
FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "no life": ("TOKEN-10", {"expires_in": None}),
    "lower case": ("TOKEN-10", {"token_type": "bearer"}),
    "a text": ("TOKEN-11", {"expires_in": "86400"}),
}


def bent(form: str) -> JudgedCall:
    """A token answer that a fault gave another form."""
    return token(fault="patch", **FORMS[form][1])


def state(obligation: str, *runs: Run, **members: Any) -> State:
    return JUDGES[obligation](evidence(*runs, **members)).state


def only(ruling: Ruling) -> str:
    (finding,) = ruling.findings
    return finding.text


@pytest.mark.parametrize("form", FORMS)
def test_a_token_of_another_form_is_taken_or_not(form: str) -> None:
    obligation, _ = FORMS[form]
    assert state(obligation, run(bent(form), seen())) is HELD
    text = only(JUDGES[obligation](evidence(run(bent(form), exit_code=1))))
    assert text.startswith("run 1 failed though every call was answered well and its token answer had ")
    text = only(JUDGES[obligation](evidence(run(bent(form)))))
    assert text.startswith("run 1 made no call with the token of call 1 (POST /oauth/token), an answer with ")
    others = {"TOKEN-10", "TOKEN-11", "RUN-02"} - {obligation}
    for other in others:
        assert state(other, run(bent(form), exit_code=1)) is NOT_REACHED


@pytest.mark.parametrize("form", FORMS)
def test_the_token_that_replaces_one_may_have_another_form(form: str) -> None:
    obligation, _ = FORMS[form]
    died = [token(), seen(), seen(place="100", status=401), bent(form)]
    assert state(obligation, run(*died, exit_code=1)) is BROKEN
    assert state("TOKEN-03", run(*died, exit_code=1)) is HELD
    assert state(obligation, run(*died, seen(place="100"))) is HELD
    assert state("TOKEN-03", run(*died, seen(place="200"))) is BROKEN


@pytest.mark.parametrize(
    "call",
    [
        token(),
        token(fault="extra_members"),
        token(fault="patch", expires_in=True),
        token(fault="patch", expires_in="soon"),
        token(fault="patch", token_type="mac"),
        token(fault="patch", reply={"token_type": "bearer"}),
        token(fault="truncate", reply='{"access_token": "x", "tok'),
        token(fault="status", status=503),
    ],
    ids=["usual", "more members", "no number", "a word", "another type", "no token", "broken", "refused"],
)
def test_what_is_usual_or_no_token_need_not_be_taken(call: JudgedCall) -> None:
    for obligation in ("TOKEN-10", "TOKEN-11"):
        assert state(obligation, run(call, exit_code=1)) is NOT_REACHED


def test_a_token_of_another_form_is_a_token_and_no_failure() -> None:
    given = evidence(run(*map(bent, FORMS), token(fault="patch", expires_in=None, token_type="mac")))
    assert [gives_token(given, call) for call in given.calls] == [True, True, True, False]
    assert [failed(call) for call in given.calls] == [False, False, False, True]
    assert state("FAULT-04", run(*[bent("no life"), seen()] * 20)) is NOT_REACHED


def test_a_client_that_came_to_leads_does_not_fail_for_its_token() -> None:
    calls = [bent("no life"), shows(lead("1"))]
    assert state("TOKEN-10", run(*calls, outcome=(), exit_code=1)) is HELD
    assert state("TOKEN-10", run(bent("no life"), token(), exit_code=1)) is HELD


# Keys


def keys(*kids: str, **members: Any) -> JudgedCall:
    """A key set that the client fetched."""
    reply = {"keys": [{"kid": kid} for kid in kids]}
    return seen(operation=KEYS, path="/jwks.json", reply=reply, sent={"authorization": None}, **members)


def signed(given: Evidence, *kids: str) -> Evidence:
    """The same with the key that signed tokens at each call."""
    return replace(given, signing_keys=dict(enumerate(kids, 1)))


def judged(*calls: JudgedCall, exit_code: int = 1, kids: str) -> Ruling:
    return JUDGES["TOKEN-12"](signed(evidence(run(*calls, exit_code=exit_code)), *kids))


BEFORE = [token(), keys("a"), seen(), seen(place="1", status=401)]


def test_a_client_that_keeps_old_keys_for_ever() -> None:
    text = only(judged(*BEFORE, token(), kids="aabbb"))
    assert text.startswith("call 5 (POST /oauth/token) of run 1 gave a token that another key signs")
    given = signed(evidence(run(*BEFORE, token(), exit_code=1)), *"aabbb")
    assert JUDGES["TOKEN-03"](given).state is HELD, "a mistake is told once"
    assert JUDGES["RUN-02"](given).state is NOT_REACHED
    first, second = run(token(), keys("a"), seen()), run(token(), exit_code=1)
    given = signed(evidence(first, second), *"aabb")
    assert JUDGES["TOKEN-12"](given).state is BROKEN
    assert [finding.text for finding in JUDGES["RUN-02"](given).findings] == []


@pytest.mark.parametrize(
    ("calls", "kids"),
    [
        ([*BEFORE, token(), keys("b", "a"), seen(place="1")], "aabbbbb"),
        ([*BEFORE, token(), keys("b", "a")], "aabbbb"),
        ([*BEFORE, token(), seen(place="1")], "aabbbb"),
    ],
    ids=["fetched again", "fetched again, and failed", "not verified"],
)
def test_a_client_that_goes_on(calls: list[JudgedCall], kids: str) -> None:
    assert judged(*calls, kids=kids).state is HELD


@pytest.mark.parametrize(
    ("calls", "kids"),
    [
        ([token(), seen(), seen(place="1", status=401), token()], "abbb"),
        ([*BEFORE, token()], "aaaaa"),
        ([*BEFORE, keys("b", "a"), token()], "aabbbb"),
        ([keys("a", status=503), token()], "ab"),
        ([*BEFORE, token(status=503)], "aabbb"),
    ],
    ids=["never verifies", "the same key", "fetched before", "no keys", "no token"],
)
def test_a_client_that_met_no_unknown_key(calls: list[JudgedCall], kids: str) -> None:
    assert judged(*calls, kids=kids).state is NOT_REACHED


def test_who_signs_no_tokens_has_no_keys() -> None:
    given = evidence(run(*BEFORE, token()), adapter=BASIC)
    for obligation in ("TOKEN-10", "TOKEN-11", "TOKEN-12"):
        assert JUDGES[obligation](given).state is NOT_REACHED
