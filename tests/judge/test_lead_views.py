"""Leads are read once for all drills in one world, and anew where a drill has changed something that is shown."""

from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.domain import Enquiry, Kind, Person, replace
from mockserver.foundation.settings import Settings
from mockserver.judge.lead_views import _MAX_WORLDS, LeadViews, ReadView
from mockserver.provider_api.judge_adapter import SeenLead
from mockserver.providers.contracts import provider_names
from mockserver.providers.loading import judge_adapter_of, lead_view
from mockserver.registry.sandboxes import SandboxRequest
from mockserver.sandbox.sandbox import Sandbox
from mockserver.server.app import MockServer, build
from tests.conftest import NOW

PROVIDERS = provider_names()


class Views:
    """The views of one provider, which counts how often a lead is really made."""

    def __init__(self, app: MockServer, provider: str) -> None:
        self.made = 0
        self._app, self._views = app, LeadViews()
        self._provider, self._adapter = app.providers[provider], judge_adapter_of(provider)

    def of(self, sandbox: Sandbox) -> ReadView:
        view, adapter = lead_view(self._provider.name), self._adapter

        def counted(entity: Any, context: Any) -> Any:
            self.made += 1
            return view(entity, context)

        return self._views.of(sandbox, self._provider, adapter, counted)

    def fresh(self, sandbox: Sandbox) -> ReadView:
        return LeadViews().of(sandbox, self._provider, self._adapter, lead_view(self._provider.name))


@pytest.fixture(scope="module")
def app() -> MockServer:
    return build(Settings(world="small", now=NOW))


@pytest.fixture
def sandboxes(app: MockServer) -> Iterator[Any]:
    made: list[str] = []

    def create(**request: Any) -> Sandbox:
        sandbox = app.sandboxes.create(SandboxRequest(**{"now": NOW, **request}))
        made.append(sandbox.id)
        return sandbox

    yield create
    for id in made:
        app.sandboxes.delete(id)


def leads(sandbox: Sandbox) -> list[Enquiry]:
    store = sandbox.store
    found = (store.get(Kind.ENQUIRY, id) for agency in store.agencies() for id in store.ids(Kind.ENQUIRY, agency))
    return [enquiry for enquiry in found if isinstance(enquiry, Enquiry)]


def read(view: ReadView, sandbox: Sandbox) -> list[SeenLead]:
    return [view(enquiry) for enquiry in leads(sandbox)]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_two_drills_in_one_world_share_what_they_see(app: MockServer, sandboxes: Any, provider: str) -> None:
    views, one, other = Views(app, provider), sandboxes(), sandboxes()
    assert one.world is other.world
    first = read(views.of(one), one)
    count = views.made
    assert count == len(first) > 10
    assert all(a is b for a, b in zip(first, read(views.of(other), other), strict=True))
    assert views.made == count


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_a_drill_changed_is_read_there_alone(app: MockServer, sandboxes: Any, provider: str) -> None:
    views, one, other = Views(app, provider), sandboxes(), sandboxes()
    before = read(views.of(one), one)
    (changed, *_), store = leads(other), other.store
    person = store.get(Kind.PERSON, changed.seeker)
    assert isinstance(person, Person)
    store.put(Kind.PERSON, replace(person, lastname="Différent"))
    seen = views.of(other)(changed)
    assert "Différent" in seen.contact.name
    assert read(views.of(one), one) == before
    assert read(views.of(other), other) == read(views.fresh(other), other)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_other_readings_share_nothing(app: MockServer, sandboxes: Any, provider: str) -> None:
    variants = app.providers[provider].contract.variants
    name, variant = next(iter(variants.items()))
    reading = next(value for value in variant.values if value != variant.default)
    views, one, other = Views(app, provider), sandboxes(), sandboxes(variants={provider: {name: reading}})
    count = len(read(views.of(one), one))
    read(views.of(other), other)
    assert views.made == 2 * count


def test_of_many_worlds_the_latest_are_kept(app: MockServer, sandboxes: Any) -> None:
    (provider, *_), views = PROVIDERS, Views(app, PROVIDERS[0])
    first = sandboxes()
    count = len(read(views.of(first), first))
    for seed in range(1_000, 1_000 + _MAX_WORLDS):
        views.of(sandboxes(seed=seed))
    read(views.of(first), first)
    assert views.made == 2 * count, f"{provider}: the first was dropped"
    read(views.of(first), first)
    assert views.made == 2 * count
