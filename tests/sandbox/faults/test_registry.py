"""The faults of a sandbox: the calls that they match and strike, chance, lifetimes and records."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.foundation.clock import Clock
from mockserver.sandbox.faults import Fault, FaultRefused, FaultRegistry
from mockserver.sandbox.faults.registry import MAX_FAULTS
from tests.conftest import NOW

CALL = ("apimo", "listLeads", "GET", "/agencies/101/leads")


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock(NOW, frozen=True)


@pytest.fixture
def registry(clock: Clock) -> FaultRegistry:
    """A registry without faults."""
    return FaultRegistry(clock)


def struck(registry: FaultRegistry, calls: int, call: Sequence[str] = CALL) -> list[str | None]:
    """The ids of the faults that the next calls meet."""
    return [hit.id if (hit := registry.match(*call)) else None for _ in range(calls)]


@pytest.mark.parametrize(
    ("members", "meets"),
    [
        ({}, True),
        ({"provider": "apimo"}, True),
        ({"provider": "gsl"}, False),
        ({"operation": "listLeads"}, True),
        ({"operation": "listUsers"}, False),
        ({"method": "GET"}, True),
        ({"method": "POST"}, False),
        ({"path": "/agencies/101/leads"}, True),
        ({"path": "/agencies/*/leads"}, True),
        ({"path": "/agencies/*"}, True),
        ({"path": "*leads"}, True),
        ({"path": "/agencies/10[12]/leads"}, True),
        ({"path": "/agencies/10[!1]/leads"}, False),
        ({"path": "/agencies/101/lead"}, False),
        ({"path": "/AGENCIES/*"}, False),
        ({"provider": "apimo", "operation": "listLeads", "method": "GET", "path": "/a*"}, True),
        ({"provider": "apimo", "operation": "listLeads", "method": "GET", "path": "/b*"}, False),
    ],
)
def test_a_fault_meets_the_calls_that_it_names(registry: FaultRegistry, members: dict[str, Any], meets: bool) -> None:
    placed = registry.add(Fault.model_validate({"kind": "empty", **members}))
    assert struck(registry, 1) == ["f1" if meets else None]
    after = registry.get(placed.id)
    assert after
    assert (after.seen, after.fired) == ((1, 1) if meets else (0, 0))


@dataclass
class Model:
    """What a fault should do, without the registry."""

    id: str
    fault: Fault
    seen: int = 0
    fired: int = 0

    def sees(self) -> bool:
        """Counts a call; whether it is one to strike."""
        if self.fault.times is not None and self.fired >= self.fault.times:
            return False
        self.seen += 1
        return self.seen > self.fault.after and (self.fault.calls is None or self.seen in self.fault.calls)


FAULTS = st.builds(
    Fault,
    kind=st.just("empty"),
    operation=st.sampled_from([None, "a", "b"]),
    after=st.integers(0, 4),
    calls=st.none() | st.lists(st.integers(1, 8), min_size=1, max_size=3).map(tuple),
    times=st.none() | st.integers(1, 3),
)


@given(faults=st.lists(FAULTS, max_size=5), calls=st.lists(st.sampled_from("ab"), max_size=20))
def test_after_calls_and_times_are_what_a_model_says(faults: list[Fault], calls: list[str]) -> None:
    registry = FaultRegistry(Clock(NOW, frozen=True))
    models = [Model(registry.add(fault).id, fault) for fault in faults]
    for operation in calls:
        fitting = [model for model in models if model.fault.operation in (None, operation)]
        striking = [model for model in fitting if model.sees()]
        if striking:
            striking[0].fired += 1
        assert struck(registry, 1, ("p", operation, "GET", "/")) == [striking[0].id if striking else None]
    assert [(p.id, p.seen, p.fired) for p in registry.list()] == [(m.id, m.seen, m.fired) for m in models]
    left = [m for m in models if m.fault.times is None or m.fired < m.fault.times]
    assert registry.has_active == bool(left)
    assert [p.exhausted for p in registry.list()] == [m not in left for m in models]


def test_a_lifetime_ends_on_the_clock_of_the_sandbox(registry: FaultRegistry, clock: Clock) -> None:
    registry.add(Fault(kind="empty", lasts="PT1M"))
    clock.advance(59.9)
    assert struck(registry, 1) == ["f1"]
    clock.advance(0.1)
    assert struck(registry, 2) == [None, None]
    (placed,) = registry.list()
    assert (placed.exhausted, placed.seen, placed.until) == (True, 1, NOW + 60)
    assert placed.as_dict()["until"] == "2026-01-01T00:01:00.000Z"
    clock.advance(-30)
    assert struck(registry, 1) == ["f1"]


def test_a_moment_is_the_other_way_to_say_it(registry: FaultRegistry, clock: Clock) -> None:
    registry.add(Fault(kind="empty", until="2026-01-01T01:00:00+01:00"))
    registry.add(Fault(kind="empty", until="2026-01-01T00:00:01Z"))
    assert struck(registry, 1) == ["f2"]
    clock.advance(1)
    assert struck(registry, 1) == [None]


def test_there_is_a_most_number_of_faults(registry: FaultRegistry) -> None:
    for _ in range(MAX_FAULTS):
        registry.add(Fault(kind="empty"))
    with pytest.raises(FaultRefused, match="There are 100 faults"):
        registry.add(Fault(kind="empty"))
    assert registry.remove("f1")
    assert registry.add(Fault(kind="empty")).id == "f101"


def test_who_waits_is_told_when_a_fault_goes_away(registry: FaultRegistry) -> None:
    told: list[int] = []
    registry.add(Fault(kind="empty"))
    registry.listeners.add(lambda: told.append(len(registry.list())))
    assert not registry.remove("f2")
    assert told == []
    assert registry.remove("f1")
    assert told == [0]
    registry.add(Fault(kind="empty"))
    registry.clear()
    assert told == [0, 0]
    assert not registry.has_active


def chance(probability: float, calls: int, *, seed: int | None = None, before: int = 0) -> list[bool]:
    """Which calls a fault strikes that is the only one but for some that came before it."""
    registry = FaultRegistry(Clock(NOW, frozen=True))
    for _ in range(before):
        registry.add(Fault(kind="empty", provider="other"))
    registry.add(Fault.model_validate({"kind": "empty", "probability": probability, "seed": seed}))
    return [id is not None for id in struck(registry, calls)]


def test_chance_is_the_same_every_time_and_follows_from_the_seed() -> None:
    assert chance(0.3, 200) == chance(0.3, 200)
    assert chance(0.3, 200) != chance(0.3, 200, seed=7)
    assert chance(0.3, 200, seed=7) == chance(0.3, 200, seed=7, before=3)
    assert chance(0.3, 200, before=3) != chance(0.3, 200)


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.95])
def test_chance_is_about_as_great_as_it_was_asked_for(probability: float) -> None:
    assert abs(sum(chance(probability, 2000, seed=1)) / 2000 - probability) < 0.03
    assert all(chance(1, 50))


@given(faults=st.lists(FAULTS, max_size=4), first=st.integers(0, 6), then=st.integers(0, 6))
def test_a_registry_that_was_dumped_goes_on_where_it_was(faults: list[Fault], first: int, then: int) -> None:
    clock = Clock(NOW, frozen=True)
    registry, other = FaultRegistry(clock), FaultRegistry(clock)
    for fault in faults:
        registry.add(fault)
    struck(registry, first, ("p", "a", "GET", "/"))
    records = json.loads(json.dumps(dict(registry.dump())))
    for key in sorted(records, reverse=True):
        other.load(key, records[key])
    assert other.list() == registry.list()
    assert other.has_active == registry.has_active
    assert struck(other, then, ("p", "a", "GET", "/")) == struck(registry, then, ("p", "a", "GET", "/"))
    assert other.dump() == registry.dump()


def test_every_change_is_told_to_who_keeps_the_records(registry: FaultRegistry, clock: Clock) -> None:
    kept: dict[str, Any] = {}

    def keep(key: str, value: Any) -> None:
        kept.pop(key, None)
        if value is not None:
            kept[key] = json.loads(json.dumps(value))

    registry.on_change(keep)
    for members in ({"after": 1}, {"times": 1, "lasts": "PT1H"}, {"provider": "gsl"}):
        registry.add(Fault.model_validate({"kind": "empty", **members}))
        assert kept == registry.dump()
    for _ in range(3):
        struck(registry, 1)
        assert kept == registry.dump()
    registry.remove("f2")
    assert kept == registry.dump()
    replica = FaultRegistry(clock)
    for key, value in kept.items():
        replica.load(key, value)
    # The other process sees what was taken away, and how the counts moved.
    replica.load("f1", None)
    replica.load("f3", {**kept["f3"], "seen": 9})
    assert [(placed.id, placed.seen) for placed in replica.list()] == [("f3", 9)]
    registry.replace({})
    assert kept == {}
    assert registry.list() == []
    assert registry.add(Fault(kind="empty")).id == "f1"
