"""Scenario documents: what a wrong one is told, and on which line."""

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.foundation.resources import resource
from mockserver.foundation.settings import Settings
from mockserver.provider_api.provider import Provider
from mockserver.scenarios import (
    ScenarioError,
    choose_scenario,
    load_scenario,
    loading,
    parse_scenario,
    read_scenario,
    scenario_names,
)
from mockserver.scenarios.action_models import Action
from mockserver.scenarios.model import MAX_ACTIONS, MAX_BYTES, MAX_STEPS
from mockserver.scenarios.reading import read_text
from mockserver.server.app import build
from tests.conftest import NOW

HEAD = "name: mine\nwhy: because\n"
STEP = "steps:\n  - when: start\n    do:\n      - "


PROVIDERS = dict(build(Settings(world="small", now=NOW)).providers)


@pytest.fixture
def providers() -> dict[str, Provider]:
    """Those that there are."""
    return PROVIDERS


def write(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def complaint(folder: Path, text: str, providers: dict[str, Provider]) -> list[str]:
    """The lines of the message, without the path of the file."""
    path = write(folder, text)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, providers)
    return [line.removeprefix(path).removeprefix(":") for line in str(caught.value).split("\n")]


def test_a_users_own_file_is_loaded_by_its_path(tmp_path: Path, providers: dict[str, Provider]) -> None:
    scenario = load_scenario(write(tmp_path, HEAD + STEP + "clock: {advance: PT1H}\n"), providers)
    assert (scenario.name, scenario.why, len(scenario.steps)) == ("mine", "because", 1)
    verb, told = scenario.steps[0].do[0].chosen
    assert (verb, told.advance) == ("clock", "PT1H")


WRONG = {
    "a member that there is not": (
        HEAD + STEP + "arrive:\n          cuont: 3\n",
        "7: steps[0].do[0].arrive.cuont: there is no such member; did you mean count?",
    ),
    "an action that there is not": (
        HEAD + STEP + "teleport: 1\n",
        "6: steps[0].do[0].teleport: there is no such member; there is arrive, update, duplicate",
    ),
    "two actions in one": (
        HEAD + STEP + "revoke_agency: {agency: 101}\n        grant: {agency: 101}\n",
        "6: steps[0].do[0]: an action is a mapping with one member: arrive, update",
    ),
    "no action": (HEAD + "steps:\n  - when: start\n    do: []\n", "4: steps[0]: `do` has at least one action"),
    "no trigger": (
        HEAD + "steps:\n\n\n  - do: [{clear_faults: }]\n",
        "6: steps[0].when: it is missing",
    ),
    "a trigger of two kinds": (
        HEAD + "steps:\n  - do: [{clear_faults: }]\n    when:\n      clock: PT1H\n      signal: go\n",
        "5: steps[0].when: a step waits for one thing: the word start, calls (with provider, operation or status)",
    ),
    "another word": (HEAD + "steps:\n  - when: now\n    do: []\n", "4: steps[0].when: the only word is start"),
    "no duration": (
        HEAD + "steps:\n  - when: {clock: 1h}\n    do: [{clear_faults: }]\n",
        "4: steps[0].when.clock: '1h' is not an ISO 8601 duration of weeks to seconds such as PT5M",
    ),
    "calls that are none": (
        HEAD + "steps:\n  - when:\n      calls: 0\n    do: [{clear_faults: }]\n",
        "5: steps[0].when.calls: 1 is the least",
    ),
    "a fault that makes no sense": (
        HEAD + STEP + "clear_faults:\n      - fault:\n          kind: status\n",
        "7: steps[0].do[1].fault: kind 'status' needs `status`",
    ),
    "an erasure of nobody": (HEAD + STEP + "erase: {}\n", "6: steps[0].do[0].erase: erase names either a lead or"),
    "a clock that does two things": (
        HEAD + STEP + "clock: {freeze: true, resume: true}\n",
        "6: steps[0].do[0].clock: clock has one of advance, set, freeze: true, resume: true",
    ),
    "a moment that is none": (
        HEAD + "now: yesterday\nsteps: []\n",
        "3: now: 'yesterday' is not an ISO 8601 moment such as 2026-01-31T12:00:00Z",
    ),
    "a lead without a name": (HEAD + STEP + "withdraw:\n          lead: [1]\n", "7: steps[0].do[0].withdraw.lead: "),
    "no reason": ("\nname: mine\nsteps: []\n", "2: why: it is missing"),
    "a part of a world file": (
        HEAD + "steps: []\nworld:\n  name: w\n  agencies:\n    - {id: 0}\n",
        "7: world.agencies[0].id: 1 is the least",
    ),
    "a pin that cannot be placed": (
        HEAD + "steps: []\nworld:\n  name: w\n  agencies: [{id: 7}]\n"
        "  pins: [{kind: estate, agency: 8, position: 0, why: x, set: {price: 1}}]\n",
        "7: world.pins[0].agency: no such agency, the file has 7",
    ),
    "a list": ("- a\n- b\n", "1: it is to be a mapping with members such as name, why, providers"),
    "nothing at all": ("# nothing\n", "1: it is to be a mapping with members such as name, why, providers"),
    "no YAML": (HEAD + "steps: [\n", "4: it cannot be read: "),
    "a tag that runs code": (
        HEAD + "steps: !!python/object/apply:os.system ['true']\n",
        "3: it cannot be read: could not determine a constructor for the tag",
    ),
    "an alias": (HEAD + "variants: &a {}\nsteps: *a\n", "4: it cannot be read: an alias, write out what it stands for"),
    "a member twice": (HEAD + "steps: []\nname: other\n", "4: it cannot be read: name stands there twice, keep one"),
    "a control character": (HEAD + "steps: \x00\n", " it is not YAML: "),
    "nested without end": ("[" * 20_000, " it is nested too deeply, a scenario has a few levels"),
    "a value that JSON lacks": (HEAD + "steps: !!binary AAAA\n", " it has a value that JSON does not know"),
    "a number that is none": (HEAD + "seed: !!int many\nsteps: []\n", " it has a value that JSON does not know"),
    "a yes that is none": (HEAD + "steps: !!bool perhaps\n", " it has a value that JSON does not know"),
    "a number without end": (HEAD + f"steps: []\nseed: {'9' * 5_000}\n", " it has a value that JSON does not know"),
    "a list as a name": (HEAD + "? [a]\n: 1\n", " it has a value that JSON does not know"),
    "a status that is none": (
        HEAD + "steps:\n  - when: {status: 3xx}\n    do: [{clear_faults: }]\n",
        "4: steps[0].when.status: '3xx' is no status; a number from 100 to 599 is, or 2xx, 4xx, 5xx",
    ),
    "a status that is yes": (
        HEAD + "steps:\n  - when: {status: yes}\n    do: [{clear_faults: }]\n",
        "4: steps[0].when.status: 'True' is no status; a number",
    ),
    "a haste without time": (
        HEAD + "steps: []\njudge:\n  hurry: PT0S\n",
        "5: judge.hurry: 'PT0S' is no time that could",
    ),
    "a skew that is none": (HEAD + "steps: []\njudge: {skew: 5m}\n", "4: judge.skew: '5m' is not an ISO 8601 duration"),
    "a skew without end": (
        HEAD + "steps: []\njudge: {skew: -P366D}\n",
        "4: judge.skew: '-P366D' is more than clocks differ; P365D and -P365D are the ends",
    ),
    "a member of the judge that there is not": (
        HEAD + "steps: []\njudge:\n  than: []\n",
        "5: judge.than: there is no such member; did you mean then?",
    ),
    "an action between runs that there is not": (
        HEAD + "steps: []\njudge:\n  then:\n    - - teleport: {}\n",
        "6: judge.then[0][0].teleport: there is no such member; there is arrive, update",
    ),
    "too many runs": (
        HEAD + f"steps: []\njudge:\n  then: [{', '.join(['[]'] * 11)}]\n",
        "5: judge.then: the most items are 10",
    ),
    # What it names, and is not there.
    "an operation between runs that there is not": (
        HEAD + "steps: []\njudge:\n  then:\n    - []\n    - - fault: {kind: empty, operation: nope}\n",
        "7: judge.then[1][0].fault.operation: there is no operation 'nope'; there is",
    ),
    "another provider": (
        HEAD + "providers:\n  - gsl\n  - nope\nsteps: []\n",
        "5: providers[1]: there is no provider 'nope'; there is",
    ),
    "a trigger at another provider": (
        HEAD + "steps:\n  - when:\n      provider: nope\n    do: [{clear_faults: }]\n",
        "5: steps[0].when.provider: there is no provider 'nope'; there is apimo, gsl",
    ),
    "credentials of another provider": (
        HEAD + STEP + "revoke_tokens: {provider: nope}\n",
        "6: steps[0].do[0].revoke_tokens.provider: there is no provider 'nope'; there is apimo, gsl",
    ),
    "a delivery fault at another provider": (
        HEAD + STEP + "delivery_fault: {kind: delay, provider: nope}\n",
        "6: steps[0].do[0].delivery_fault.provider: there is no provider 'nope'; there is apimo, gsl",
    ),
    "a delivery fault of another kind": (
        HEAD + STEP + "delivery_fault: {kind: lost}\n",
        "6: steps[0].do[0].delivery_fault.kind: 'duplicate', 'reorder'",
    ),
    "an operation that there is not": (
        HEAD + "providers: [gsl]\nsteps:\n  - when:\n      operation: find*\n    do: [{clear_faults: }]\n",
        "6: steps[0].when.operation: there is no operation 'find*'; there is searchLeads, getLeadById",
    ),
    "an operation of another provider": (
        HEAD + STEP + "fault: {kind: empty, provider: gsl, operation: listLeads}\n",
        "6: steps[0].do[0].fault.operation: there is no operation 'listLeads'; there is searchLeads",
    ),
    "a fault for a pattern": (
        HEAD + STEP + "fault: {kind: empty, operation: list*}\n",
        "6: steps[0].do[0].fault.operation: there is no operation 'list*'; there is",
    ),
    "another variant": (
        HEAD + "variants:\n  apimo: {colour: red}\nsteps: []\n",
        "4: variants.apimo.colour: apimo has no such variant; it has error-body",
    ),
    "another reading": (
        HEAD + "variants:\n  apimo:\n    list-order: sideways\nsteps: []\n",
        "5: variants.apimo.list-order: it cannot be 'sideways'; it can be oldest-first, newest-first",
    ),
    "variants of another provider": (
        HEAD + "variants:\n  nope: {}\nsteps: []\n",
        "4: variants.nope: there is no provider 'nope'; there is apimo, gsl",
    ),
    "another world": (HEAD + "world: huge\nsteps: []\n", "3: world: there is no world 'huge'; there is busy, default"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_told_the_line_the_place_and_what_would_be_right(
    tmp_path: Path, providers: dict[str, Provider], case: str
) -> None:
    text, expected = WRONG[case]
    lines = complaint(tmp_path, text, providers)
    assert lines[0].startswith(expected), lines


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path, providers: dict[str, Provider]) -> None:
    text = HEAD + "extra: 1\n" + STEP + "teleport: {}\n      - clock: {advance: 5}\n"
    places = [line.split(": ")[:2] for line in complaint(tmp_path, text, providers)]
    assert places == [["3", "extra"], ["7", "steps[0].do[0].teleport"], ["8", "steps[0].do[1].clock.advance"]]


def test_how_a_client_is_judged_survives_the_way_into_json_and_back() -> None:
    judge = {"then": [[{"fault": {"kind": "empty"}}], []], "skew": "PT5M", "webhooks": True, "aims": ["PAGE-01"]}
    steps = [{"when": {"status": "2xx"}, "do": [{"arrive": {"created_at": "-PT3H"}}]}]
    document = {"name": "x", "why": "y", "steps": steps, "judge": judge}
    assert parse_scenario(document, PROVIDERS).as_document() == document
    scenario = parse_scenario({**document, "judge": {}}, PROVIDERS)
    assert scenario.judge
    assert scenario.judge.then == ((),)
    assert parse_scenario({**document, "judge": {"then": []}}, PROVIDERS).judge != scenario.judge


def test_no_more_than_twenty_findings_are_said(tmp_path: Path, providers: dict[str, Provider]) -> None:
    text = HEAD + "steps: []\n" + "".join(f"extra{number}: 1\n" for number in range(50))
    findings = complaint(tmp_path, text, providers)
    assert (len(findings), findings[-1]) == (21, " 30 more mistakes are not shown")


@pytest.mark.parametrize(
    ("steps", "actions", "expected"),
    [
        (MAX_STEPS + 1, 1, f"steps: the most items are {MAX_STEPS}"),
        (1, MAX_ACTIONS + 1, f"steps[0].do: the most items are {MAX_ACTIONS}"),
    ],
)
def test_steps_and_actions_are_bounded(steps: int, actions: int, expected: str) -> None:
    step: dict[str, Any] = {"when": "start", "do": [{"clear_faults": {}}] * actions}
    document: dict[str, Any] = {"name": "mine", "why": "because", "steps": [step] * steps}
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(document)
    assert expected in str(caught.value)
    step["do"], document["steps"] = step["do"][:MAX_ACTIONS], [step] * min(steps, MAX_STEPS)
    assert parse_scenario(document)


def test_a_document_is_bounded_in_a_file_and_elsewhere(tmp_path: Path, providers: dict[str, Provider]) -> None:
    long = "x" * MAX_BYTES
    expected = f"a scenario has at most {MAX_BYTES}"
    assert expected in complaint(tmp_path, f"{HEAD}# {long}\nsteps: []\n", providers)[0]
    with pytest.raises(ScenarioError, match=expected):
        parse_scenario({"name": long, "why": "x", "steps": []})


def test_a_document_that_is_no_file_is_told_the_place_without_a_line() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario({"name": "x", "why": "y", "steps": [{"when": "start", "do": [{"clock": {"advance": "1h"}}]}]})
    assert str(caught.value).startswith("scenario: steps[0].do[0].clock.advance: '1h' is not an ISO 8601 duration")
    assert [mistake.line for mistake in caught.value.mistakes] == [None]


def test_what_json_does_not_know_is_refused_in_a_document() -> None:
    with pytest.raises(ScenarioError, match="JSON does not know"):
        parse_scenario({"name": {1, 2}, "why": "y", "steps": []})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 300) | st.text(max_size=3) | st.sampled_from(["start", "PT1H", "gsl"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["when", "do", "clock", "advance", "fault", "kind", "calls", "arrive", "x", *Action.model_fields]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(steps=JSON, world=JSON, variants=JSON)
def test_whatever_a_document_holds_it_is_taken_or_refused(steps: Any, world: Any, variants: Any) -> None:
    document = {"name": "x", "why": "y", "steps": steps, "world": world, "variants": variants}
    with suppress(ScenarioError):
        assert parse_scenario(parse_scenario(document, PROVIDERS).as_document(), PROVIDERS)


@given(text=st.text(alphabet="ab01-:?&*!#|>%@{}[],'\"\\ \n\t~é\u2028", max_size=40))
def test_whatever_a_file_holds_it_is_read_as_json_or_refused(text: str) -> None:
    with suppress(ScenarioError):
        document, line = read_text("mine.yaml", text)
        assert json.loads(json.dumps(document)) == document
        assert 1 <= (line(("a", 0, "b")) or 0) <= len(re.findall("[\n\u2028]", text)) + 2


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"name: \xff\xfe\n")
    with pytest.raises(ScenarioError, match="cannot be read as text in UTF-8"):
        load_scenario(str(path))


def test_a_name_that_there_is_not_is_told_the_names_that_there_are() -> None:
    with pytest.raises(ScenarioError, match=r"there is no 'nope'; give one of .*stale-cursor.*or the path of a YAML"):
        load_scenario("nope")


def test_an_admin_client_gives_a_name_or_a_document_and_never_a_path(
    tmp_path: Path, providers: dict[str, Provider]
) -> None:
    path = write(tmp_path, HEAD + "steps: []\n")
    with pytest.raises(ScenarioError, match=r"give one of .* or give a document"):
        choose_scenario(path, providers)
    assert choose_scenario("stale-cursor", providers).name == "stale-cursor"
    assert choose_scenario({"name": "inline", "why": "because", "steps": []}, providers).name == "inline"


@pytest.mark.parametrize("name", scenario_names())
def test_a_scenario_is_the_same_again_from_its_document(name: str, providers: dict[str, Provider]) -> None:
    scenario = load_scenario(name, providers)
    assert scenario.name == name
    document = scenario.as_document()
    assert parse_scenario(document, providers) == scenario
    assert parse_scenario(document, providers).as_document() == document


def test_what_comes_with_the_package_is_what_is_read_with_every_check() -> None:
    for name in scenario_names():
        assert load_scenario(name) == read_scenario(resource("fixtures", "scenarios", f"{name}.yaml")), name


@pytest.mark.parametrize("text", ["name: [", "name: other\n"])
def test_one_of_the_package_that_is_wrong_is_told_as_any_other(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(loading, "_path", lambda name: path)
    with pytest.raises(ScenarioError) as raised:
        loading._read_bundled.__wrapped__("wrong")
    with pytest.raises(ScenarioError) as expected:
        read_scenario(path)
    assert str(raised.value) == str(expected.value)


def test_every_action_is_used_by_a_scenario_that_comes_with_the_package_or_tested_by_itself() -> None:
    used = {action.chosen[0] for name in scenario_names() for step in load_scenario(name).steps for action in step.do}
    assert set(Action.model_fields) - used == set()
