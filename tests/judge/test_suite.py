"""The battery: documents that are right and quick, drills in order, and what narrows them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from mockserver.foundation.clock import parse_duration
from mockserver.foundation.resources import resource
from mockserver.foundation.settings import Settings
from mockserver.judge.catalogue import OBLIGATIONS
from mockserver.judge.drill import Drill
from mockserver.judge.program import ConformError
from mockserver.judge.suite import PLAIN, battery, documents, others
from mockserver.provider_api.provider import Provider
from mockserver.registry.sandboxes import SandboxRequest
from mockserver.sandbox.faults import Fault
from mockserver.sandbox.sandbox import Sandbox
from mockserver.scenarios import Scenario, ScenarioRunner, read_scenario
from mockserver.scenarios.action_models import Action
from mockserver.scenarios.actions import perform
from mockserver.scenarios.checking import unknown
from mockserver.scenarios.model import When
from mockserver.server.app import MockServer, build
from tests.conftest import NOW

APP: MockServer = build(Settings(world="small", now=NOW))
PROVIDERS: Mapping[str, Provider] = APP.providers
DOCUMENTS = documents()
FILES = sorted(resource("fixtures", "scenarios").glob("*.yaml"))
OTHERS = others(PROVIDERS)
DRILLS = battery(PROVIDERS)
MAX_SECONDS = 2
"""Of a Retry-After."""
MAX_SECONDS_OF_A_DATE = 4
"""A date loses up to two seconds, and a wait of one second must still be told from it."""


def actions(scenario: Scenario) -> Iterator[Action]:
    """All that a scenario does, between runs too."""
    for step in scenario.as_judged().steps:
        yield from step.do
    for then in scenario.judging.then:
        yield from then


def faults(scenario: Scenario) -> list[Fault]:
    return [action.fault for action in actions(scenario) if action.fault is not None]


# Documents


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_document_is_named_as_its_file_and_names_only_what_is_there(path: Path) -> None:
    scenario = read_scenario(path, PROVIDERS)
    assert scenario.name == path.stem
    assert scenario.judge is None or scenario.judge.aims
    assert scenario.name in {*DOCUMENTS, *(drill.name for drill in OTHERS)}


def test_no_two_documents_do_the_same() -> None:
    told = [scenario.model_dump_json(exclude={"name", "why"}) for scenario in DOCUMENTS.values()]
    assert len(set(told)) == len(told)
    reasons = [scenario.why for scenario in DOCUMENTS.values()]
    assert len(set(reasons)) == len(reasons)


def test_aims_are_obligations_and_each_obligation_is_aimed_at() -> None:
    aims = {aim for drill in DRILLS for aim in drill.scenario.judging.aims}
    assert aims == set(OBLIGATIONS)


@pytest.mark.parametrize("scenario", DOCUMENTS.values(), ids=lambda scenario: scenario.name)
def test_no_client_has_to_wait_long_in_real_time(scenario: Scenario) -> None:
    hurry = parse_duration(scenario.judging.hurry or "PT0S")
    for fault in faults(scenario):
        assert (fault.retry_after or 0) <= (MAX_SECONDS_OF_A_DATE if fault.retry_after_form == "date" else MAX_SECONDS)
        assert (fault.delay_ms or 0) / 1000 <= hurry
        assert fault.kind != "drip"
        assert fault.lasts is fault.until is None, "it would end by the clock, which runs with the real one"
    for step in scenario.as_judged().steps:
        assert not step.when.signal, "nobody gives one"
        assert parse_duration(step.when.clock or "PT0S") <= hurry
    assert (scenario.now, scenario.seed) == (None, None)
    assert (
        scenario.world is None or not isinstance(scenario.world, str) or scenario.world in ("default", "busy", *SMALL)
    )


SMALL = ("small", "messy", "empty")


@pytest.mark.parametrize("scenario", DOCUMENTS.values(), ids=lambda scenario: scenario.name)
def test_what_befalls_one_provider_of_a_neutral_document_befalls_all_that_it_is_about(scenario: Scenario) -> None:
    about = set(scenario.providers or PROVIDERS)
    named = {fault.provider for fault in faults(scenario)} - {None}
    assert named in (set(), about)
    for verb in ("revoke_tokens", "revoke_credentials", "rotate_credentials"):
        cut = {getattr(action, verb).provider for action in actions(scenario) if getattr(action, verb)}
        assert not cut or not scenario.providers or cut == about


# Drills


def test_drills_are_the_plain_one_then_by_alphabet_then_the_readings() -> None:
    for name, provider in PROVIDERS.items():
        drills = [drill for drill in DRILLS if drill.provider == name]
        names = [drill.name for drill in drills if drill.variant is None]
        assert names[0] == PLAIN
        assert names[1:] == sorted(names[1:])
        about = {n for n, scenario in DOCUMENTS.items() if name in (scenario.providers or PROVIDERS)}
        assert set(names) == about
        variants = provider.contract.variants.values()
        readings = [f"{v.name}={value}" for v in variants for value in v.values if value != v.default]
        assert [drill.variant for drill in drills[len(names) :]] == readings
    assert [drill.provider for drill in DRILLS] == sorted(
        (drill.provider for drill in DRILLS), key=list(PROVIDERS).index
    )
    assert len({(drill.provider, drill.name) for drill in DRILLS}) == len(DRILLS)


@pytest.mark.parametrize("drill", [drill for drill in DRILLS if drill.variant], ids=lambda drill: drill.name)
def test_a_reading_is_tried_with_one_document(drill: Drill) -> None:
    assert drill.variant
    variant, _, value = drill.variant.partition("=")
    later, scenario = DOCUMENTS["a-day-later"], drill.scenario
    assert drill.name == scenario.name == f"{drill.provider}.{drill.variant}"
    assert scenario.variants == {drill.provider: {variant: value}}
    assert scenario.judging.aims == ("TOLERANCE-05",)
    assert scenario.judging.then == later.judging.then
    assert PROVIDERS[drill.provider].contract.variants[variant].about in drill.why
    assert (scenario.world, scenario.steps) == (later.world, later.steps)
    assert list(unknown(scenario, PROVIDERS)) == []
    assert Scenario.model_validate(scenario.as_document()) == scenario


def test_no_drill_takes_many_runs() -> None:
    assert all(1 <= 1 + len(drill.scenario.judging.then) <= 4 for drill in DRILLS)
    assert all(len(drill.scenario.judging.then) <= 1 for drill in DRILLS if drill.scenario.judging.webhooks)


# What narrows them


def named(*scenarios: str, names: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(drill.provider, drill.name) for drill in battery(PROVIDERS, names, scenarios)]


def test_a_battery_is_narrowed_by_provider_and_by_name() -> None:
    first, second, *_ = PROVIDERS
    assert {provider for provider, _ in named(names=(second,))} == {second}
    assert named(PLAIN, names=(second, first)) == [(first, PLAIN), (second, PLAIN)]
    assert named(PLAIN) == [(name, PLAIN) for name in PROVIDERS]


def test_names_may_be_globs_and_come_in_the_order_of_the_battery_once_each() -> None:
    (provider, *_) = PROVIDERS
    wanted = named("quota-*", PLAIN, "quota-reached", names=(provider,))
    assert [name for _, name in wanted] == [PLAIN, "quota-reached", "quota-reached-until-a-date"]
    readings = named(f"{provider}.*")
    assert readings == [(provider, drill.name) for drill in DRILLS if drill.variant and drill.provider == provider]
    assert named(readings[0][1]) == readings[:1]


def test_a_scenario_that_does_not_judge_is_judged_when_it_is_named() -> None:
    (drill, *rest) = battery(PROVIDERS, (), ["down-for-a-minute"])
    assert "down-for-a-minute" not in DOCUMENTS
    assert len(rest) == len(PROVIDERS) - 1
    assert (len(drill.scenario.judging.then), drill.scenario.judging.aims) == (1, ())


@pytest.mark.parametrize("pattern", ["down-for-a-m*", "*a-minute"])
def test_a_glob_that_fits_nothing_in_the_battery_is_about_what_is_not_in_it(pattern: str) -> None:
    assert named(pattern) == [(name, "down-for-a-minute") for name in PROVIDERS]
    assert "down-for-a-minute" not in {name for _, name in named("down-*")}


@pytest.mark.parametrize("pattern", ["retention*", "retention-over"])
def test_a_glob_that_fits_only_scenarios_about_others_says_so(pattern: str) -> None:
    about = DOCUMENTS["retention-over"].providers
    assert named(pattern) == [(name, "retention-over") for name in about]
    (other, *_) = set(PROVIDERS) - set(about)
    with pytest.raises(ConformError, match=f"Scenario 'retention-over' is about {', '.join(about)}, not {other}"):
        battery(PROVIDERS, [other], [pattern])


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("drill", [*DRILLS, *OTHERS], ids=lambda drill: f"{drill.provider}-{drill.name}")
def test_what_was_meant_is_a_drill_that_there_is(drill: Drill, provider: str) -> None:
    with pytest.raises(ConformError) as raised:
        battery(PROVIDERS, [provider], [f"{drill.name}§"])
    if meant := re.search(r"did you mean (.*)\?", str(raised.value)):
        assert battery(PROVIDERS, [provider], [meant[1]])
    else:
        assert drill.provider != provider


def test_a_users_own_file_is_named_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("name: mine\nwhy: because\nsteps: []\njudge: {then: [[], []]}\n", encoding="utf-8")
    drills = battery(PROVIDERS, (), [str(path), PLAIN])
    assert [drill.name for drill in drills] == [PLAIN, "mine"] * len(PROVIDERS)
    assert len(drills[1].scenario.judging.then) == 2


def limited() -> tuple[str, str]:
    """A document that is about some providers, and one that it is not about."""
    for name, scenario in DOCUMENTS.items():
        others = [provider for provider in PROVIDERS if scenario.providers and provider not in scenario.providers]
        if others:
            return name, others[0]
    raise AssertionError


def test_what_there_is_not_is_said_with_what_was_meant(tmp_path: Path) -> None:
    first = next(iter(PROVIDERS))
    with pytest.raises(ConformError, match=f"There is no provider 'nobody'; there is {first}, "):
        battery(PROVIDERS, ["nobody"])
    with pytest.raises(ConformError, match=r"There is no drill 'plian', nor a file of that name; did you mean plain\?"):
        battery(PROVIDERS, (), ["plian"])
    with pytest.raises(ConformError, match="There is no drill '§', nor a file of that name; --list shows them"):
        battery(PROVIDERS, (), [PLAIN, "§"])
    name, other = limited()
    with pytest.raises(ConformError, match=f"Scenario '{name}' is about .*, not {other}"):
        battery(PROVIDERS, [other], [name])
    path = tmp_path / "own.yaml"
    path.write_text("name: mine\nwhy: because\nsteps: []\nproviders: [nobody]\n", encoding="utf-8")
    with pytest.raises(ConformError, match=r"own\.yaml:4: .*there is no provider 'nobody'"):
        battery(PROVIDERS, (), [str(path)])


@pytest.mark.parametrize(
    ("aim", "hint"),
    [("SYNC-99", r"did you mean SYNC-0\d\?"), ("page-01", r"did you mean PAGE-01\?"), ("§", "--list -v shows them")],
)
def test_what_no_client_owes_cannot_be_aimed_at(aim: str, hint: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(f"name: mine\nwhy: because\nsteps: []\njudge: {{aims: [RUN-01, {aim}]}}\n", encoding="utf-8")
    with pytest.raises(ConformError, match=rf"own\.yaml: judge\.aims: there is no obligation '{aim}'; {hint}"):
        battery(PROVIDERS, (), [str(path)])


def test_two_drills_cannot_have_one_name_and_one_file_may_be_named_twice(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(f"name: {PLAIN}\nwhy: because\nsteps: []\n", encoding="utf-8")
    assert len(battery(PROVIDERS, (), [str(path), f"{tmp_path}/./own.yaml"])) == len(PROVIDERS)
    with pytest.raises(ConformError, match=f"There are two scenarios named '{PLAIN}'; give yours another name"):
        battery(PROVIDERS, (), [str(path), PLAIN])


def test_a_word_that_is_too_long_for_a_file_is_no_drill() -> None:
    with pytest.raises(ConformError, match="There is no drill 'xxx"):
        battery(PROVIDERS, (), ["x" * 5_000])


# Every drill, with calls that are made up: what is to happen can happen.


@pytest.mark.parametrize(
    "drill",
    [drill for drill in DRILLS if drill.variant is None],
    ids=lambda drill: f"{drill.provider}-{drill.name}",
)
def test_every_step_can_come_and_everything_in_it_can_be_done(drill: Drill) -> None:
    scenario = drill.scenario
    sandbox = APP.sandboxes.create(
        SandboxRequest(world=scenario.world, variants=scenario.variants, scenario=drill.script.as_document(), now=NOW)
    )
    try:
        with sandbox.transaction():
            sandbox.clock.resume()
            meet_all(sandbox, drill.script, drill.provider)
            script = sandbox.scenario
            assert isinstance(script, ScenarioRunner)
            state = script.state()
            assert state.done, state.waits
            assert [fired.failed for fired in state.fired if fired.failed] == []
            for then in scenario.judging.then:
                for action in then:
                    assert perform(action, sandbox, PROVIDERS)
    finally:
        APP.sandboxes.delete(sandbox.id)


@pytest.mark.parametrize("scenario", DOCUMENTS.values(), ids=lambda scenario: scenario.name)
def test_without_a_judge_what_happens_between_runs_happens_by_signal(scenario: Scenario) -> None:
    sandbox = APP.sandboxes.create(SandboxRequest(scenario=scenario.name, now=NOW))
    provider = next(iter(scenario.providers or PROVIDERS))
    try:
        with sandbox.transaction():
            sandbox.clock.resume()
            meet_all(sandbox, scenario, provider)
            script = sandbox.scenario
            assert isinstance(script, ScenarioRunner)
            between = [] if scenario.judging.steps is not None else [each for each in scenario.judging.then if each]
            for _ in between:
                assert script.state().waits == "the signal 'next-run'"
                assert script.signal("next-run")
            state = script.state()
            assert (state.done, state.steps) == (True, len(scenario.steps) + len(between))
            assert [fired.failed for fired in state.fired if fired.failed] == []
    finally:
        APP.sandboxes.delete(sandbox.id)


def meet_all(sandbox: Sandbox, scenario: Scenario, provider: str) -> None:
    """Lets come what the steps wait for."""
    script = sandbox.scenario
    assert isinstance(script, ScenarioRunner)
    script.on_request()
    for step in scenario.steps:
        if step.when.signal:
            script.signal(step.when.signal)
        if step.when.clock:
            sandbox.clock.advance(parse_duration(step.when.clock))
        script.on_request()
        for _ in range((step.when.calls or 1) if step.when.counts else 0):
            script.on_response(*call_for(step.when, provider))


def call_for(when: When, provider: str) -> tuple[str, str, int]:
    """A call of that provider which a step waits for."""
    operations: Mapping[str, Any] = PROVIDERS[provider].contract.operations
    assert when.provider in (None, provider)
    operation = next(name for name in operations if fnmatchcase(name, when.operation or "*"))
    status = when.status if isinstance(when.status, int) else int(f"{(when.status or '2xx')[0]}00")
    return provider, operation, status


def test_a_drill_tells_its_reason() -> None:
    drill = DRILLS[0]
    assert drill.why == drill.scenario.why
    assert replace(drill, name="other").why == drill.why
