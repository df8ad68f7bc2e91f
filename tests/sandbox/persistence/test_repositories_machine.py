"""Two processes on one database behave as one process alone: whatever is done, in whichever of them it is done."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from mockserver.domain import Enquiry, Kind, replace
from mockserver.foundation.settings import Settings
from mockserver.provider_api.provider import Provider
from mockserver.registry.sandboxes import SandboxRegistry, SandboxRequest
from mockserver.sandbox.faults import Fault
from mockserver.sandbox.sandbox import Sandbox
from mockserver.server.app import open_sandboxes
from tests.conftest import NOW
from tests.sandbox.persistence.test_repositories import record
from tests.support.databases import KINDS, PostgreSQL

pytestmark = pytest.mark.no_cover
"""A sweep: other tests reach the same code, and tracing this one takes long."""

_numbers = count(1)

Step = Callable[[Sandbox], Any]


class Undone(Exception):
    """Raised inside a transaction, which leaves no trace then."""


class OneServer(RuleBasedStateMachine):
    """Each step is done to a sandbox in memory, and to one in a database by either of two processes."""

    alone: SandboxRegistry
    two: tuple[SandboxRegistry, SandboxRegistry]

    @initialize()
    def begin(self) -> None:
        id = f"m{next(_numbers)}"
        self.model = self.alone.create(SandboxRequest(id=id))
        self.two[0].create(SandboxRequest(id=id))
        found = [side.get(id) for side in self.two]
        self.sides = [sandbox for sandbox in found if sandbox]
        self.snapshots: list[str] = []

    def teardown(self) -> None:
        if hasattr(self, "model"):
            self.alone.delete(self.model.id)
            self.two[1].delete(self.model.id)

    def do(self, side: int, step: Step) -> None:
        """The step must have the same outcome for all."""
        with self.model.transaction():
            expected = step(self.model)
        sandbox = self.sides[side]
        with sandbox.transaction():
            assert step(sandbox) == expected

    sides_ = st.integers(0, 1)

    @rule(side=sides_, seconds=st.integers(-9, 9))
    def advance(self, side: int, seconds: int) -> None:
        self.do(side, lambda sandbox: sandbox.clock.advance(seconds))

    @rule(side=sides_, position=st.integers(0, 30), message=st.text(max_size=3))
    def change(self, side: int, position: int, message: str) -> None:
        self.do(side, lambda sandbox: change(sandbox, position, message))

    @rule(side=sides_, position=st.integers(0, 30))
    def remove(self, side: int, position: int) -> None:
        self.do(side, lambda sandbox: remove(sandbox, position))

    @rule(side=sides_)
    def add(self, side: int) -> None:
        self.do(side, add)

    @rule(side=sides_, name=st.sampled_from("ab"), lasts=st.integers(0, 5))
    def count(self, side: int, name: str, lasts: int) -> None:
        self.do(side, lambda box: box.store.bump(name, until=box.clock.now() + lasts, now=box.clock.now()))

    @rule(side=sides_, agency=st.sampled_from([101, 102]), cut=st.booleans())
    def cut_or_grant(self, side: int, agency: int, cut: bool) -> None:
        def step(sandbox: Sandbox) -> None:
            (user,) = sandbox.accounts["apimo"]
            (sandbox.accounts.revoke_agency if cut else sandbox.accounts.grant_agency)("apimo", user, agency)

        self.do(side, step)

    @rule(side=sides_)
    def rotate_keys(self, side: int) -> None:
        self.do(side, rotate_keys)

    @rule(side=sides_, revoked=st.sampled_from(["nothing", "it", "all"]))
    def issue(self, side: int, revoked: str) -> None:
        self.do(side, lambda sandbox: issue(sandbox, revoked))

    @rule(side=sides_, times=st.integers(1, 3))
    def place_a_fault(self, side: int, times: int) -> None:
        fault = Fault.model_validate({"kind": "status", "status": 503, "times": times})
        self.do(side, lambda sandbox: sandbox.faults.add(fault).id)

    @rule(side=sides_, number=st.integers(1, 4))
    def remove_a_fault(self, side: int, number: int) -> None:
        self.do(side, lambda sandbox: sandbox.faults.remove(f"f{number}"))

    @rule(side=sides_, status=st.sampled_from([200, 404]))
    def call(self, side: int, status: int) -> None:
        def step(sandbox: Sandbox) -> object:
            number = sandbox.usage.next_number("apimo")
            struck = sandbox.faults.match("apimo", "listLeads", "GET", "/x")
            sandbox.usage.add("apimo", "listLeads", status, ["limit"])
            record(sandbox, f"/{number}", status)
            return number, struck and struck.id

        self.do(side, step)

    @rule(side=sides_)
    def fail(self, side: int) -> None:
        with pytest.raises(Undone):
            fail_after_changes(self.sides[side])

    @rule(side=sides_)
    def take_a_snapshot(self, side: int) -> None:
        name = f"s{len(self.snapshots)}"
        self.snapshots.append(name)
        for sandboxes, sandbox in ((self.alone, self.model), (self.two[side], self.sides[side])):
            with sandbox.transaction():
                sandboxes.repository.save_snapshot(sandbox.id, name, sandbox.dump())

    @rule(side=sides_, which=st.integers(0, 5))
    def restore(self, side: int, which: int) -> None:
        if which >= len(self.snapshots):
            return
        for sandboxes, sandbox in ((self.alone, self.model), (self.two[side], self.sides[side])):
            kept = sandboxes.repository.snapshot(sandbox.id, self.snapshots[which])
            assert kept is not None
            with sandbox.transaction():
                sandbox.restore(kept)

    @rule(side=sides_)
    def reset(self, side: int) -> None:
        self.do(side, lambda sandbox: sandbox.reset())

    @invariant()
    def all_are_the_same(self) -> None:
        if hasattr(self, "model"):
            seen = look(self.model)
            assert look(self.sides[0]) == seen
            assert look(self.sides[1]) == seen


def look(sandbox: Sandbox) -> object:
    """Everything that can be seen of a sandbox."""
    with sandbox.transaction():
        ids = list(sandbox.store.ids(Kind.ENQUIRY, 101))
        shown = [sandbox.store.get(Kind.ENQUIRY, id) for id in ids]
        moments = list(sandbox.store.ids_since(Kind.ENQUIRY, 101, updated=NOW))
        journal = [entry.as_dict(0) for entry in sandbox.journal.entries()]
        counts = (sandbox.journal.total, sandbox.journal.evicted)
        return sandbox.dump(), ids, shown, moments, journal, counts, dict(sandbox.accounts), sandbox.faults.list()


def at(sandbox: Sandbox, position: int) -> Enquiry | None:
    """An enquiry of agency 101 by its position, if there are so many."""
    ids = sandbox.store.ids(Kind.ENQUIRY, 101)
    found = sandbox.store.get(Kind.ENQUIRY, ids[position]) if position < len(ids) else None
    assert found is None or isinstance(found, Enquiry)
    return found


def change(sandbox: Sandbox, position: int, message: str) -> None:
    if enquiry := at(sandbox, position):
        sandbox.store.put(Kind.ENQUIRY, replace(enquiry, message=message))


def remove(sandbox: Sandbox, position: int) -> None:
    if enquiry := at(sandbox, position):
        sandbox.store.remove(Kind.ENQUIRY, enquiry.id)


def add(sandbox: Sandbox) -> int:
    id = sandbox.store.next_id(Kind.ENQUIRY)
    source = next(enquiry for enquiry in (at(sandbox, place) for place in range(99)) if enquiry)
    sandbox.store.put(Kind.ENQUIRY, replace(source, id=id, updated_at=sandbox.clock.now()))
    return id


def fail_after_changes(sandbox: Sandbox) -> None:
    with sandbox.transaction():
        sandbox.clock.advance(1)
        add(sandbox)
        record(sandbox)
        raise Undone


def rotate_keys(sandbox: Sandbox) -> list[str] | str:
    """The ids of the keys, or why there may be no more of them."""
    try:
        kids: list[str] = sandbox.token_issuers["gsl"].rotate_key(sandbox.clock.now())
    except ValueError as error:
        return str(error)
    return kids


def issue(sandbox: Sandbox, revoked: str) -> str:
    (account,) = sandbox.accounts["gsl"].values()
    token_issuer = sandbox.token_issuers["gsl"]
    token: str = token_issuer.issue(account, account.scopes, None, "http://h/gsl", sandbox.clock.now()).access_token
    if revoked == "it":
        token_issuer.revoke(token)
    if revoked == "all":
        token_issuer.revoke_client(account.user)
    return token


@pytest.fixture(params=KINDS)
def machine(request: pytest.FixtureRequest, providers: Mapping[str, Provider]) -> Iterator[type[RuleBasedStateMachine]]:
    """The machine over one database for all its examples; each has a sandbox of its own there."""
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{folder}/store.db"
        if request.param == "postgresql":
            server: PostgreSQL = request.getfixturevalue("postgresql")
            store = server.database()

        def opened(store: str) -> SandboxRegistry:
            given = Settings(world="small", now=NOW, store=store, journal_size=5)
            return open_sandboxes(given, providers)

        class Machine(OneServer):
            alone = opened("memory")
            two = (opened(store), opened(store))

        yield Machine
        for sandboxes in Machine.two:
            sandboxes.repository.close()


def test_two_processes_on_one_database_behave_as_one_in_memory(machine: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(
        machine, settings=settings(max_examples=12, stateful_step_count=25, deadline=None, derandomize=True)
    )
