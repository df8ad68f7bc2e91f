"""Scenarios at work: which step happens when, what is noted of it, and that its state is as good as any other."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.foundation.clock import iso
from mockserver.foundation.settings import Settings, SettingsError
from mockserver.registry.sandboxes import SandboxRefused, SandboxRequest
from mockserver.sandbox import changes
from mockserver.sandbox.sandbox import Sandbox
from mockserver.scenarios import ScenarioRunner, ScenarioState, load_scenario, parse_scenario
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW, MakeClient
from tests.support.in_process import TestClient

MakeApp = Callable[..., MockServer]
NO_SCOPE = {"provider": "seeker", "scope": ""}
NOTHING: list[dict[str, Any]] = [{"clear_faults": {}}]


def document(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A scenario of those steps; one that says nothing else does nothing that shows."""
    return {"name": "mine", "why": "because", "steps": [{"do": NOTHING, **step} for step in steps], **more}


def runner(sandbox: Sandbox) -> ScenarioRunner:
    script = sandbox.scenario
    assert isinstance(script, ScenarioRunner)
    return script


@pytest.fixture(scope="module")
def app() -> MockServer:
    """One application for all; each test has a sandbox of its own."""
    return build(Settings(world="small", now=NOW))


@pytest.fixture
def make(app: MockServer) -> Iterator[Callable[..., Sandbox]]:
    """Makes sandboxes at which a scenario of those steps is at work."""
    made: list[Sandbox] = []

    def make(*steps: dict[str, Any], **more: Any) -> Sandbox:
        made.append(app.sandboxes.create(SandboxRequest(scenario=document(*steps, **more))))
        return made[-1]

    yield make
    for sandbox in made:
        app.sandboxes.delete(sandbox.id)


def call(sandbox: Sandbox, operation: str = "listLeads", status: int = 200, provider: str = "apimo") -> list[str]:
    """What a call does to a scenario; the notes for the journal."""
    with sandbox.transaction():
        runner(sandbox).on_request()
        return runner(sandbox).on_response(provider, operation, status)


def steps_done(sandbox: Sandbox) -> int:
    return runner(sandbox).state().step


# Triggers


def test_start_happens_before_the_first_call_is_answered_and_only_once(make: Callable[..., Sandbox]) -> None:
    sandbox = make({"when": "start", "do": [{"revoke_agency": {"agency": 101}}]})
    assert 101 in next(iter(sandbox.accounts["apimo"].values())).agencies
    with sandbox.transaction():
        runner(sandbox).on_request()
    assert 101 not in next(iter(sandbox.accounts["apimo"].values())).agencies
    changes.grant_agency(sandbox, 101)
    call(sandbox)
    assert 101 in next(iter(sandbox.accounts["apimo"].values())).agencies


@pytest.mark.parametrize(
    ("when", "others", "meant"),
    [
        ({"calls": 1}, [], ("gsl", "issueToken", 400)),
        ({"provider": "gsl"}, [("apimo", "listLeads", 200)], ("gsl", "issueToken", 200)),
        ({"operation": "listLeads"}, [("apimo", "listUsers", 200), ("apimo", "", 404)], ("apimo", "listLeads", 200)),
        ({"operation": "search*"}, [("gsl", "getLeadById", 200)], ("gsl", "searchAgencyLeads", 200)),
        ({"status": 401}, [("gsl", "searchLeads", 200)], ("apimo", "listLeads", 401)),
        ({"status": "2xx"}, [("gsl", "searchLeads", 301), ("gsl", "searchLeads", 404)], ("seeker", "getLeads", 206)),
        ({"status": "5xx"}, [("gsl", "searchLeads", 404)], ("apimo", "listLeads", 503)),
        (
            {"provider": "gsl", "operation": "searchLeads", "status": 200},
            [("gsl", "searchLeads", 401), ("gsl", "searchAgencyLeads", 200), ("apimo", "searchLeads", 200)],
            ("gsl", "searchLeads", 200),
        ),
    ],
)
def test_only_the_calls_that_are_meant_are_counted(
    make: Callable[..., Sandbox],
    when: dict[str, Any],
    others: list[tuple[str, str, int]],
    meant: tuple[str, str, int],
) -> None:
    sandbox = make({"when": {**when, "calls": 2}})
    for provider, operation, status in [meant, *others, *others]:
        assert call(sandbox, operation, status, provider) == []
    assert steps_done(sandbox) == 0
    call(sandbox, meant[1], meant[2], meant[0])
    assert steps_done(sandbox) == 1


def test_a_class_of_statuses_is_told_as_it_was_written(make: Callable[..., Sandbox]) -> None:
    sandbox = make({"when": {"status": "2xx", "calls": 2}}, judge={"then": [[{"clear_faults": {}}]], "aims": ["X-01"]})
    assert runner(sandbox).state().waits == "call 2 of answered 2xx, 0 so far"


def test_what_happens_between_runs_for_a_judge_waits_for_a_signal_elsewhere(make: Callable[..., Sandbox]) -> None:
    then = [[{"revoke_agency": {"agency": 101}}]]
    sandbox = make({"when": {"calls": 1}}, judge={"then": then, "hurry": "PT1M", "skew": "-PT5M", "webhooks": True})
    call(sandbox)
    assert runner(sandbox).state().waits == "the signal 'next-run'"
    assert 101 in next(iter(sandbox.accounts["apimo"].values())).agencies


def test_calls_are_counted_from_the_step_before(make: Callable[..., Sandbox]) -> None:
    sandbox = make({"when": {"calls": 2}}, {"when": {"calls": 2}}, {"when": {"operation": "listLeads"}})
    assert [(call(sandbox), steps_done(sandbox))[1] for _ in range(6)] == [0, 1, 1, 2, 3, 3]


def test_time_counts_from_the_step_before_whoever_looks_late(make: Callable[..., Sandbox]) -> None:
    sandbox = make({"when": {"clock": "PT1H"}}, {"when": {"clock": "PT1H"}}, {"when": {"clock": "PT1H"}})
    sandbox.clock.advance(3_599)
    call(sandbox)
    assert steps_done(sandbox) == 0
    sandbox.clock.advance(7_200)
    call(sandbox)
    # Both were seen late; the third is a second ahead all the same.
    assert [fired.at for fired in runner(sandbox).state().fired] == [iso(NOW + 3_600 * n) for n in (1, 2)]
    sandbox.clock.advance(1)
    call(sandbox)
    assert [fired.at for fired in runner(sandbox).state().fired] == [iso(NOW + 3_600 * n) for n in (1, 2, 3)]


def test_a_clock_that_goes_back_brings_nothing_about(make: Callable[..., Sandbox]) -> None:
    sandbox = make({"when": {"clock": "PT1M"}})
    sandbox.clock.advance(-3_600)
    call(sandbox)
    assert steps_done(sandbox) == 0
    sandbox.clock.advance(3_660)
    call(sandbox)
    assert steps_done(sandbox) == 1


def test_after_a_step_that_moves_the_clock_time_counts_from_where_it_is_then(make: Callable[..., Sandbox]) -> None:
    move = [{"clock": {"advance": "PT1H"}}]
    sandbox = make({"when": "start", "do": move}, {"when": {"clock": "PT1H"}})
    call(sandbox)
    assert (steps_done(sandbox), sandbox.clock.time()) == (1, NOW + 3_600)
    sandbox.clock.advance(3_600)
    call(sandbox)
    assert steps_done(sandbox) == 2


def test_a_clock_that_runs_counts_from_the_first_look(app: MockServer) -> None:
    sandbox = app.sandboxes.create(SandboxRequest(id="runs"))
    sandbox.clock.resume()
    other = ScenarioRunner(sandbox, app.providers, document({"when": {"clock": "PT1H"}}), None)
    sandbox.clock.advance(7_200)
    other.on_request()
    assert other.state().step == 0
    sandbox.clock.advance(3_600)
    other.on_request()
    assert other.state().step == 1
    app.sandboxes.delete("runs")


def test_a_signal_is_taken_by_the_step_that_waits_for_it_and_by_no_other(make: Callable[..., Sandbox]) -> None:
    sandbox = make({"when": "start"}, {"when": {"signal": "go"}}, {"when": "start"}, {"when": {"signal": "on"}})
    script = runner(sandbox)
    with sandbox.transaction():
        assert [script.signal(name) for name in ("on", "go", "go", "on", "on")] == [False, True, False, True, False]
    assert script.state().done


def test_several_steps_happen_in_one_go(make: Callable[..., Sandbox]) -> None:
    sandbox = make({"when": {"calls": 1}}, {"when": "start"}, {"when": {"clock": "PT1S"}}, {"when": {"calls": 1}})
    sandbox.clock.advance(5)
    # Time counts from the call that was the first step, so the third is still ahead.
    assert len(call(sandbox)) == 2
    sandbox.clock.advance(5)
    assert len(call(sandbox)) == 2


def test_signing_keys_are_rotated_between_two_calls(make: Callable[..., Sandbox]) -> None:
    sandbox = make({"when": {"calls": 1}, "do": [{"rotate_keys": {"provider": "gsl"}}]})
    keys = sandbox.token_issuers["gsl"].keys
    first = keys.current.kid
    assert call(sandbox) == ["scenario mine, step 1: the signing key of gsl was rotated"]
    assert [key["kid"] for key in keys.jwks(NOW)["keys"]] == [keys.current.kid, first]
    assert keys.current.kid != first


# What is told of it


def test_what_happened_is_noted_with_the_call_that_brought_it_about(make_client: MakeClient) -> None:
    client = make_client()
    app = client.app
    assert isinstance(app, MockServer)
    arrival = {"arrive": {"agency": 101, "count": 2}}
    steps = document(
        {"when": "start", "do": [{"revoke_agency": {"agency": 102}}]}, {"when": {"calls": 2}, "do": [arrival]}
    )
    runner(app.sandbox).start(parse_scenario(steps))
    total = [client.get("/apimo/agencies/101/leads").json()["total_items"] for _ in range(3)]
    assert total == [25, 25, 27]
    first, second, third = (list(entry.notes) for entry in app.sandbox.journal.entries())
    assert (first, third) == ([], [])
    new = [lead["id"] for lead in client.get("/apimo/agencies/101/leads").json()["leads"][-2:]]
    assert second == [f"scenario mine, step 2: 2 leads arrived, {new[0]} to {new[1]}"]
    assert client.get("/apimo/agencies/102/leads").status_code == 403


def test_a_step_that_a_look_brings_about_is_not_put_down_to_the_next_call(make: Callable[..., Sandbox]) -> None:
    sandbox = make({"when": "start"})
    with sandbox.transaction():
        runner(sandbox).on_request()
    assert call(sandbox) == []
    assert len(runner(sandbox).state().fired) == 1


def test_the_state_says_how_far_it_is_and_what_it_waits_for(make: Callable[..., Sandbox]) -> None:
    when = {"provider": "gsl", "operation": "search*", "status": 200, "calls": 3}
    sandbox = make({"when": "start"}, {"when": when}, {"when": {"clock": "PT1H"}}, {"when": {"signal": "go"}})
    state = runner(sandbox).state
    assert (state().step, state().steps, state().done, state().name, state().why) == (0, 4, False, "mine", "because")
    assert call(sandbox, "searchLeads", provider="gsl")
    assert state().waits == "call 3 of gsl search* answered 200, 1 so far"
    for _ in range(2):
        call(sandbox, "searchLeads", provider="gsl")
    assert state().waits == "PT1H since the step before"
    sandbox.clock.advance(3_600)
    call(sandbox)
    assert state().waits == "the signal 'go'"
    runner(sandbox).signal("go")
    assert (state().done, state().waits, state().step) == (True, None, 4)
    assert [fired.step for fired in state().fired] == [1, 2, 3, 4]
    assert state().fired[0].what == ("the faults were cleared",)


def test_without_a_scenario_nothing_happens(make_app: MakeApp) -> None:
    sandbox = make_app().sandbox
    assert call(sandbox) == []
    assert runner(sandbox).state() == ScenarioState()
    assert not runner(sandbox).signal("go")
    assert runner(sandbox).dump() == {}


def test_an_action_that_is_refused_breaks_nothing_and_is_told(make: Callable[..., Sandbox]) -> None:
    refused: list[dict[str, Any]] = [
        {"withdraw": {"lead": "nothing like it"}},
        {"revoke_agency": {"agency": 999}},
        {"fill": {"agency": 999, "to_multiple_of": 5}},
        {"erase": {"seeker": 1}},
        {"revoke_tokens": {"provider": "apimo"}},
        {"rotate_credentials": {"provider": "gsl", "user": "nobody"}},
        {"rotate_keys": {"provider": "apimo"}},
        {"entitle": {"provider": "apimo", "scope": "read"}},
        {"delivery_fault": {"kind": "delay", "subscription": "nobody"}},
        {"clock": {"advance": "P999999W"}},
        {"update": {"lead": "newest", "estate": 1}},
    ]
    sandbox = make({"when": {"calls": 1}, "do": [*refused, {"arrive": {"agency": 101}}]})
    before = json.dumps(sandbox.dump()["accounts"])
    notes = call(sandbox)
    (fired,) = runner(sandbox).state().fired
    verbs = [next(iter(action)) for action in refused]
    assert [sentence.partition(":")[0] for sentence in fired.failed] == verbs
    assert len(fired.what) == 1
    assert len(notes) == len(refused) + 1
    assert "scenario mine, step 1: failed: revoke_agency: There is no agency 999" in notes[2]
    assert json.dumps(sandbox.dump()["accounts"]) == before


def test_a_failure_of_ours_stays_in_the_log(make: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = make({"when": {"calls": 1}, "do": [{"expire_cursors": {}}]})

    def broken(sandbox: Sandbox) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(changes, "expire_cursors", broken)
    assert call(sandbox) == [
        "scenario mine, step 1: failed: expire_cursors: it failed inside the server; the log says why"
    ]


def test_too_many_faults_are_refused_and_not_more_than_that(make: Callable[..., Sandbox]) -> None:
    many = [{"fault": {"kind": "empty", "operation": "listUsers"}}] * 50
    sandbox = make(*[{"when": {"calls": 1}, "do": many}] * 3)
    for _ in range(3):
        call(sandbox)
    failed = [len(fired.failed) for fired in runner(sandbox).state().fired]
    assert failed == [0, 0, 50]


# Actions that the bundled scenarios do not show


def test_the_clock_is_set_frozen_and_resumed(make: Callable[..., Sandbox]) -> None:
    sandbox = make(
        {"when": {"calls": 1}, "do": [{"clock": {"resume": True}}]},
        {"when": {"calls": 1}, "do": [{"clock": {"freeze": True}}, {"clock": {"set": "2030-01-01T00:00:00Z"}}]},
    )
    call(sandbox)
    running = sandbox.clock.frozen
    call(sandbox)
    assert (running, sandbox.clock.frozen) == (False, True)
    assert iso(sandbox.clock.time()) == "2030-01-01T00:00:00.000Z"


def test_scopes_and_delivery_faults_are_what_the_step_says(make: Callable[..., Sandbox]) -> None:
    do = [{"entitle": {"provider": "seeker", "scope": "a  b"}}, {"delivery_fault": {"kind": "delay", "seconds": 5}}]
    sandbox = make({"when": {"calls": 1}, "do": do}, {"when": {"calls": 1}, "do": [{"entitle": NO_SCOPE}]})
    call(sandbox)
    (account,) = sandbox.accounts["seeker"].values()
    assert account.scopes == {"a", "b"}
    (placed,) = sandbox.delivery_faults.list()
    assert (placed.fault.kind, placed.fault.wait) == ("delay", 5)
    call(sandbox)
    assert next(iter(sandbox.accounts["seeker"].values())).scopes == frozenset()
    said = [sentence for fired in runner(sandbox).state().fired for sentence in fired.what]
    assert said == [
        "the scopes of seeker are a  b",
        "delivery fault w1 (delay) was placed",
        "the scopes of seeker are none",
    ]


def test_filling_stops_at_the_multiple_and_adds_none_when_it_is_one(make: Callable[..., Sandbox]) -> None:
    fill = {"fill": {"agency": 101, "to_multiple_of": 10, "category": "AGENCY"}}
    sandbox = make({"when": {"calls": 1}, "do": [fill]}, {"when": {"calls": 1}, "do": [fill]})
    call(sandbox)
    call(sandbox)
    first, second = runner(sandbox).state().fired
    assert "arrived" in first.what[0]
    assert second.what == ("agency 101 has 10 leads already",)


# A scenario that is put to work, and ended


def test_a_scenario_takes_the_place_of_another_and_can_be_ended(make: Callable[..., Sandbox]) -> None:
    sandbox = make({"when": {"calls": 1}}, {"when": {"calls": 5}})
    call(sandbox)
    script = runner(sandbox)
    script.start(parse_scenario(document({"when": "start"}, {"when": {"signal": "go"}}, name="other")))
    assert (script.state().name, script.state().step, len(script.state().fired)) == ("other", 1, 1)
    script.stop()
    assert script.state() == ScenarioState()
    assert call(sandbox) == []


def test_reset_starts_the_scenario_of_the_start_again(make: Callable[..., Sandbox]) -> None:
    sandbox = make({"when": "start", "do": [{"arrive": {"agency": 101}}]}, {"when": {"calls": 2}})
    seen = []
    for _ in range(3):
        call(sandbox)
        call(sandbox)
        seen.append((runner(sandbox).state(), dict(sandbox.store.dump())))
        sandbox.reset()
        assert (runner(sandbox).dump(), sandbox.store.dump(), steps_done(sandbox)) == ({}, {}, 0)
    assert seen[0] == seen[1] == seen[2]
    runner(sandbox).start(parse_scenario(document(name="other")))
    sandbox.reset()
    assert runner(sandbox).state().name == "mine"
    runner(sandbox).stop()
    sandbox.reset()
    assert runner(sandbox).state().name == "mine"


# Records


def test_what_is_kept_is_what_is_dumped(make: Callable[..., Sandbox]) -> None:
    sandbox = make({"when": {"calls": 2}}, {"when": {"clock": "PT1H"}}, {"when": {"calls": 9}})
    kept: dict[str, Any] = {}

    def keep(key: str, value: Any) -> None:
        kept.pop(key, None)
        if value is not None:
            kept[key] = json.loads(json.dumps(value))

    runner(sandbox).on_change(keep)
    other = parse_scenario(document({"when": "start"}, {"when": {"calls": 2}}, name="other"))
    for act in (
        lambda: call(sandbox),
        lambda: call(sandbox),
        lambda: sandbox.clock.advance(3_600),
        lambda: call(sandbox),
        lambda: runner(sandbox).start(other),
        lambda: call(sandbox),
        lambda: runner(sandbox).stop(),
    ):
        act()
        assert {**{"progress": [0, 0, NOW]}, **runner(sandbox).dump()} == {**{"progress": [0, 0, NOW]}, **kept}


def test_another_process_that_is_told_the_records_goes_on_the_same(
    app: MockServer, make: Callable[..., Sandbox]
) -> None:
    sandbox = make({"when": "start"}, {"when": {"calls": 3}}, {"when": {"clock": "PT1H"}})
    spec = app.sandboxes.repository.find(sandbox.id)
    assert spec is not None
    twin = ScenarioRunner(sandbox, app.providers, spec.scenario, spec.now)
    runner(sandbox).on_change(lambda key, value: twin.load(key, json.loads(json.dumps(value))))
    for _ in range(3):
        call(sandbox)
        assert twin.state() == runner(sandbox).state()
    sandbox.clock.advance(3_600)
    twin.on_request()
    assert twin.state().done
    runner(sandbox).stop()
    assert twin.state() == ScenarioState()


# The order of steps, by a model


OPERATIONS = ("listLeads", "listUsers")
whens = st.one_of(
    st.just("start"),
    st.builds(lambda calls: {"calls": calls}, st.integers(1, 3)),
    st.builds(lambda op, calls: {"operation": op, "calls": calls}, st.sampled_from(OPERATIONS), st.integers(1, 3)),
    st.builds(lambda seconds: {"clock": f"PT{seconds}S"}, st.integers(1, 5)),
    st.builds(lambda name: {"signal": name}, st.sampled_from("ab")),
)
moves = st.one_of(st.just(0), st.integers(-3, 6))
events = st.one_of(
    st.tuples(st.just("call"), st.sampled_from(OPERATIONS)),
    st.tuples(st.just("advance"), st.integers(-2, 6)),
    st.tuples(st.just("signal"), st.sampled_from("ab")),
    st.tuples(st.just("look"), st.none()),
    st.tuples(st.just("restore"), st.none()),
    st.tuples(st.just("reset"), st.none()),
)


class Model:
    """What the README says of steps, as short as it can be said."""

    def __init__(self, steps: list[tuple[Any, int]]) -> None:
        self.steps = steps
        self.reset()

    def reset(self) -> None:
        self.now = self.since = NOW
        self.fired: list[tuple[int, int]] = []
        self.calls: list[str] = []

    def when(self) -> Any:
        return self.steps[len(self.fired)][0] if len(self.fired) < len(self.steps) else None

    def fire(self, moment: int) -> None:
        move = self.steps[len(self.fired)][1]
        self.now += move
        self.since = self.now if move else moment
        self.fired.append((len(self.fired) + 1, self.since))
        self.calls = []

    def look(self) -> None:
        while (when := self.when()) is not None:
            seconds = int(when["clock"][2:-1]) if "clock" in when else 0
            if when != "start" and ("clock" not in when or self.since + seconds > self.now):
                return
            self.fire(self.since + seconds)

    def call(self, operation: str) -> None:
        self.look()
        when = self.when()
        if when is not None and "calls" in when:
            self.calls.append(operation)
            if sum(when.get("operation") in (None, one) for one in self.calls) == when["calls"]:
                self.fire(self.now)
        self.look()

    def signal(self, name: str) -> bool:
        self.look()
        waited: bool = self.when() == {"signal": name}
        if waited:
            self.fire(self.now)
            self.look()
        return waited


@settings(max_examples=100)
@given(steps=st.lists(st.tuples(whens, moves), min_size=1, max_size=6), events=st.lists(events, max_size=25))
def test_steps_happen_in_order_as_a_model_says_through_snapshots_and_resets(
    steps: list[tuple[Any, int]], events: list[tuple[str, Any]]
) -> None:
    sandbox = _shared()
    script = ScenarioRunner(
        sandbox,
        SHARED.providers,
        parse_scenario(
            document(
                *(
                    {"when": when, "do": [{"clock": {"advance": f"{'-' if move < 0 else ''}PT{abs(move)}S"}}]}
                    if move
                    else {"when": when}
                    for when, move in steps
                )
            )
        ).as_document(),
        NOW,
    )
    sandbox.scenario = script
    model = Model(steps)
    for what, told in events:
        if what == "call":
            script.on_request()
            script.on_response("apimo", told, 200)
            model.call(told)
        elif what == "advance":
            sandbox.clock.advance(told)
            model.now += told
        elif what == "signal":
            assert script.signal(told) is model.signal(told)
        elif what == "look":
            script.on_request()
            model.look()
        elif what == "reset":
            sandbox.reset()
            model.reset()
        else:
            dump = json.loads(json.dumps(sandbox.dump()))
            script.start(parse_scenario(document({"when": "start"}, name="in between")))
            sandbox.clock.advance(1)
            sandbox.restore(dump)
        state = script.state()
        assert [(fired.step, fired.at) for fired in state.fired] == [(n, iso(at)) for n, at in model.fired]
        assert (state.step, state.done) == (len(model.fired), model.when() is None)
        assert sandbox.clock.time() == model.now


SHARED = build(Settings(world="small", now=NOW))


def _shared() -> Sandbox:
    sandbox = SHARED.sandbox
    sandbox.reset()
    return sandbox


@settings(max_examples=50)
@given(steps=st.lists(whens, min_size=1, max_size=5), cut=st.integers(0, 8))
def test_records_moved_to_another_runner_in_the_middle_go_on_the_same(steps: list[Any], cut: int) -> None:
    sandbox = _shared()
    scenario = parse_scenario(document(*({"when": when} for when in steps))).as_document()
    one = ScenarioRunner(sandbox, SHARED.providers, scenario, NOW)
    for number in range(12):
        if number == cut:
            two = ScenarioRunner(sandbox, SHARED.providers, scenario, NOW)
            two.replace(json.loads(json.dumps(one.dump())))
        for script in (one, two) if number >= cut else (one,):
            script.on_request()
            script.on_response("apimo", OPERATIONS[number % 2], 200)
            script.signal("a" if number % 3 else "b")
        sandbox.clock.advance(1)
    assert one.state() == two.state()
    assert one.dump() == two.dump()


# What a sandbox is made with


def test_a_sandbox_is_made_as_its_scenario_says_where_the_request_says_nothing(app: MockServer) -> None:
    wanted = document(
        world="empty", seed=9, now="2027-01-01T00:00:00Z", variants={"apimo": {"list-order": "newest-first"}}
    )
    made = app.sandboxes.create(SandboxRequest(scenario=wanted))
    assert (made.world.file.name, made.world.seed, iso(made.clock.time())) == ("empty", 9, "2027-01-01T00:00:00.000Z")
    assert made.variants["apimo"]["list-order"] == "newest-first"
    over = SandboxRequest(
        scenario=wanted,
        world="small",
        seed=3,
        now=NOW,
        variants={"apimo": {"list-order": "oldest-first", "update": "replace"}},
    )
    other = app.sandboxes.create(over)
    assert (other.world.file.name, other.world.seed, other.clock.time()) == ("small", 3, NOW)
    assert (other.variants["apimo"]["list-order"], other.variants["apimo"]["update"]) == ("oldest-first", "replace")
    for sandbox in (made, other):
        assert runner(sandbox).state().name == "mine"
        app.sandboxes.delete(sandbox.id)


def test_a_sandbox_takes_a_scenario_by_name_and_never_by_path(app: MockServer, tmp_path: Any) -> None:
    made = app.sandboxes.create(SandboxRequest(scenario="stale-cursor"))
    assert (runner(made).state().name, made.world.file.name) == ("stale-cursor", "default")
    app.sandboxes.delete(made.id)
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nwhy: because\nsteps: []\n", encoding="utf-8")
    with pytest.raises(SandboxRefused, match="or give a document"):
        app.sandboxes.create(SandboxRequest(scenario=str(path)))
    with pytest.raises(SandboxRefused, match=r"steps\[0\]\.when\.provider: there is no provider 'nope'"):
        app.sandboxes.create(SandboxRequest(scenario=document({"when": {"provider": "nope"}})))


def test_the_default_sandbox_starts_with_the_scenario_of_the_settings(make_app: MakeApp, tmp_path: Any) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\nwhy: because\nworld: empty\nseed: 4\nvariants: {apimo: {list-order: newest-first}}\n"
        "steps:\n  - {when: start, do: [{arrive: {agency: 101}}]}\n",
        encoding="utf-8",
    )
    app = make_app(world="default", scenario=str(path))
    assert (app.sandbox.world.file.name, app.sandbox.world.seed) == ("empty", 4)
    assert app.sandbox.variants["apimo"]["list-order"] == "newest-first"
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    for _ in range(2):
        assert client.get("/apimo/agencies/101/leads", auth=AUTH).json()["total_items"] == 1
    assert make_app(world="small", scenario=str(path)).sandbox.world.file.name == "small"
    assert make_app(seed=7, scenario=str(path)).sandbox.world.seed == 7
    path.write_text("name: mine\nwhy: because\nsteps:\n  - {when: {calls: 0}, do: []}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"mine\.yaml:4: steps\[0\]\.when\.calls: "):
        make_app(scenario=str(path))


def test_a_scenario_that_is_loaded_says_its_reason_in_the_state(make_app: MakeApp) -> None:
    sandbox = make_app().sandbox
    runner(sandbox).start(load_scenario("outage-on-signal"))
    assert runner(sandbox).state().why == load_scenario("outage-on-signal").why
