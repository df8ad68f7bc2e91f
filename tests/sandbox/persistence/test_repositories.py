"""Repositories in memory, in SQLite and in PostgreSQL do the same: each test is for all three."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from mockserver.domain import Enquiry, Kind, replace
from mockserver.foundation.clock import real_time
from mockserver.registry.sandboxes import SandboxRegistry, SandboxRequest, SandboxTaken
from mockserver.sandbox.accounts import Account
from mockserver.sandbox.faults import Fault
from mockserver.sandbox.persistence.repository import IdTaken, UserTaken
from mockserver.sandbox.sandbox import Sandbox, SandboxGone
from mockserver.sandbox.webhooks import DeliveryState
from tests.conftest import NOW
from tests.support.databases import KINDS, MakeStore, OpenStore
from tests.support.recorded_calls import head_of

ACCOUNT = Account("someone", "their-secret", frozenset({101}), frozenset({"a"}))


@dataclass
class Pair:
    """Two processes' worth of sandboxes over one store. In memory, which is not shared, both are the same."""

    kind: str
    here: SandboxRegistry
    there: SandboxRegistry

    def both(self, id: str = "default") -> tuple[Sandbox, Sandbox]:
        """One sandbox as each of them has it."""
        here, there = self.here.get(id), self.there.get(id)
        assert here
        assert there
        return here, there


@pytest.fixture(params=["memory", *KINDS])
def pair(request: pytest.FixtureRequest, make_store: MakeStore, open_store: OpenStore) -> Pair:
    """Each test runs three times."""
    store = make_store(request.param)
    here = open_store(store, journal_size=100)
    return Pair(request.param, here, here if store == "memory" else open_store(store, journal_size=100))


def newest(sandbox: Sandbox) -> Enquiry:
    """The newest enquiry of agency 101."""
    enquiry = sandbox.store.get(Kind.ENQUIRY, sandbox.store.ids(Kind.ENQUIRY, 101)[-1])
    assert isinstance(enquiry, Enquiry)
    return enquiry


def write(sandbox: Sandbox) -> None:
    """A changed enquiry, and one more."""
    enquiry = newest(sandbox)
    sandbox.store.put(Kind.ENQUIRY, replace(enquiry, message="Ça va ? \x00 \U0001f3e0"))
    new = {"id": sandbox.store.next_id(Kind.ENQUIRY), "updated_at": NOW}
    sandbox.store.put(Kind.ENQUIRY, replace(enquiry, **new))


def count_calls(sandbox: Sandbox) -> None:
    """Two calls of one operation."""
    for _ in range(2):
        sandbox.usage.next_number("apimo")
        sandbox.usage.add("apimo", "listLeads", 200, ["limit", "offset"])


def issue(sandbox: Sandbox) -> None:
    """A token that is revoked, and then all of its client."""
    account = sandbox.accounts["gsl"]["mock-gsl-client"]
    issued = sandbox.token_issuers["gsl"].issue(account, account.scopes, None, "http://h/gsl", NOW)
    sandbox.token_issuers["gsl"].revoke(issued.access_token)
    sandbox.token_issuers["gsl"].revoke_client(account.user)


def rotate_keys(sandbox: Sandbox) -> None:
    """A key that has signed a token is retired, and so is the next one."""
    token_issuer = sandbox.token_issuers["seeker"]
    account = sandbox.accounts["seeker"]["mock-seeker-client"]
    for seconds in (0, 10):
        token_issuer.issue(account, account.scopes, None, "http://h/seeker", NOW + seconds)
        token_issuer.rotate_key(NOW + seconds)


def count_up(sandbox: Sandbox) -> None:
    """A counter whose name is hard to keep."""
    sandbox.store.bump("quota/é\x00\\", until=NOW + 9, now=NOW)


def fail(sandbox: Sandbox) -> None:
    """A fault that strikes three times."""
    sandbox.faults.add(Fault.model_validate({"kind": "status", "status": 503, "times": 3}))


CHANGES: dict[str, Callable[[Sandbox], None]] = {
    "the clock advances": lambda sandbox: sandbox.clock.advance(90.5),
    "the clock runs": lambda sandbox: sandbox.clock.resume(),
    "an enquiry is written": write,
    "an enquiry is removed": lambda sandbox: sandbox.store.remove(Kind.ENQUIRY, newest(sandbox).id),
    "a counter counts": count_up,
    "an account is put": lambda sandbox: sandbox.accounts.put("gsl", ACCOUNT),
    "an agency is revoked": lambda sandbox: sandbox.accounts.revoke_agency("apimo", "4321", 102),
    "an account is removed": lambda sandbox: sandbox.accounts.remove("apimo", "4321"),
    "calls are counted": count_calls,
    "tokens are issued and revoked": issue,
    "signing keys are rotated": rotate_keys,
    "a fault is placed": fail,
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_here_is_the_same_there_and_as_in_memory(pair: Pair, name: str, open_store: OpenStore) -> None:
    here, there = pair.both()
    with here.transaction():
        before = here.dump()
        CHANGES[name](here)
    with there.transaction():
        seen = there.dump()
    alone = open_store("memory").default
    CHANGES[name](alone)
    expected = alone.dump()
    if name == "the clock runs":
        expected["clock"] = here.dump()["clock"]
    assert seen == here.dump() == expected != before


@pytest.mark.parametrize("name", CHANGES)
def test_a_reset_there_undoes_what_changed_here(pair: Pair, name: str) -> None:
    here, there = pair.both()
    before = here.dump()
    with here.transaction():
        CHANGES[name](here)
    with there.transaction():
        there.reset()
    with here.transaction():
        assert here.dump() == there.dump() == before


def test_a_snapshot_of_one_process_is_restored_by_another(pair: Pair) -> None:
    here, there = pair.both()
    with here.transaction():
        for change in CHANGES.values():
            change(here)
        pair.here.repository.save_snapshot("default", "full é", here.dump())
        full = here.dump()
        here.reset()
        pair.here.repository.save_snapshot("default", "empty", here.dump())
        pair.here.repository.save_snapshot("default", "full é", full)
    assert pair.there.repository.snapshots("default") == ["full é", "empty"]
    kept = pair.there.repository.snapshot("default", "full é")
    assert kept is not None
    with there.transaction():
        there.restore(kept)
    with here.transaction():
        assert here.dump() == full
    assert pair.there.repository.snapshot("default", "another") is None
    assert pair.there.repository.snapshots("nobody") == []


def test_a_sandbox_made_here_is_found_there(pair: Pair) -> None:
    request = SandboxRequest(id="mine", seed=7, now=NOW + 5, variants={"apimo": {"update": "replace"}})
    made = pair.here.create(request)
    found = pair.there.get("mine")
    assert found
    assert (found.world.seed, found.clock.now()) == (7, NOW + 5)
    assert found.variants == made.variants
    assert found.accounts == made.accounts
    assert newest(found) == newest(made)
    assert pair.there.ids() == ["default", "mine"]
    for provider, accounts in made.accounts.items():
        for user in accounts:
            assert pair.there.of_user(provider, user) is found
    assert pair.there.repository.find_user("apimo", "nobody") is None
    assert pair.there.repository.find_user("apimo", "no\x00body") is None
    assert pair.there.get("an\x00other") is None


def test_an_id_and_a_user_are_taken_everywhere(pair: Pair) -> None:
    credentials = {"apimo": {"provider": "777", "token": "a" * 40}}
    made = pair.here.create(SandboxRequest(id="mine", credentials=credentials))
    with pytest.raises(SandboxTaken, match="There is a sandbox 'mine' already"):
        pair.there.create(SandboxRequest(id="mine"))
    with pytest.raises(SandboxTaken, match="777 at apimo lead to sandbox 'mine'"):
        pair.there.create(SandboxRequest(id="yours", credentials=credentials))
    assert pair.here.ids() == pair.there.ids() == ["default", "mine"], "what was refused left nothing behind"
    spec = pair.there.repository.find("mine")
    assert spec is not None
    with made.transaction():
        with pytest.raises(IdTaken):
            pair.here.repository.add(spec)
        with pytest.raises(UserTaken):
            pair.here.repository.add(replace(spec, id="other"))
        made.clock.advance(1)
    found = pair.there.get("mine")
    assert found
    with found.transaction():
        assert found.clock.now() == NOW + 1, "a refusal inside a transaction leaves the transaction alone"


def test_what_was_deleted_is_gone_everywhere_and_its_credentials_are_free(pair: Pair) -> None:
    credentials = {"apimo": {"provider": "777", "token": "a" * 40}}
    pair.here.create(SandboxRequest(id="mine", credentials=credentials))
    old = pair.there.of_user("apimo", "777")
    assert old
    pair.here.repository.save_snapshot("mine", "s", old.dump())
    assert pair.here.delete("mine")
    assert not pair.here.delete("mine")
    if pair.kind != "memory":
        with pytest.raises(SandboxGone), old.transaction():
            pass
        pair.there.forget("mine")
    assert pair.there.get("mine") is None
    assert pair.there.repository.find_user("apimo", "777") is None
    pair.there.create(SandboxRequest(id="yours", credentials=credentials))
    for side in (pair.here, pair.there):
        assert side.repository.find_user("apimo", "777") == "yours"
        assert side.repository.snapshots("mine") == []


@pytest.mark.parametrize("kind", KINDS)
def test_one_made_anew_under_the_same_id_is_another_one(
    kind: str, make_store: MakeStore, open_store: OpenStore
) -> None:
    store = make_store(kind)
    here, there = open_store(store), open_store(store)
    here.create(SandboxRequest(id="mine"))
    old = there.get("mine")
    assert old
    here.delete("mine")
    here.create(SandboxRequest(id="mine", now=NOW + 60))
    with pytest.raises(SandboxGone), old.transaction():
        old.clock.advance(1)
    there.forget("mine")
    new = there.get("mine")
    assert new
    with new.transaction():
        assert new.clock.now() == NOW + 60


def test_only_those_that_nobody_calls_are_idle_and_never_the_default_one(pair: Pair) -> None:
    pair.here.create(SandboxRequest(id="used"))
    pair.here.create(SandboxRequest(id="unused"))
    repository = pair.there.repository
    assert repository.idle_since(real_time() - 60) == []
    assert repository.idle_since(real_time() + 60) == ["used", "unused"]
    between = real_time()
    used = pair.there.get("used")
    assert used
    with used.transaction():
        used.usage.next_number("apimo")
    assert repository.idle_since(between) == ["unused"]


def test_it_is_told_which_sandboxes_hold_records_of_a_kind_and_when_they_change(pair: Pair) -> None:
    repository = pair.there.repository
    for id in ("mine", "empty"):
        pair.here.create(SandboxRequest(id=id))
    assert repository.holding("outbox", "pending/") == {}
    mine, default = pair.here.get("mine"), pair.here.default
    assert mine
    for sandbox in (mine, default):
        with sandbox.transaction():
            kept = sandbox.outbox.add("someone", 1, NOW)
    held = repository.holding("outbox", "pending/")
    assert set(held) == {"mine", "default"}
    assert repository.holding("outbox", "pending/") == held
    assert repository.holding("outbox", "pending_") == repository.holding("outbox", "%") == {}, "it is no pattern"
    assert repository.holding("webhooks", "pending/") == {}
    with mine.transaction():
        mine.outbox.claim(kept, "a claim", NOW + 5)
    changed = repository.holding("outbox", "pending/")
    assert (changed["default"], changed["mine"] == held["mine"]) == (held["default"], False)
    with default.transaction():
        default.outbox.finish(kept, NOW, DeliveryState.DELIVERED, None)
    assert set(repository.holding("outbox", "pending/")) == {"mine"}
    assert set(repository.holding("outbox", "finished/")) == {"default"}
    pair.here.delete("mine")
    assert repository.holding("outbox", "pending/") == {}


def record(sandbox: Sandbox, path: str = "/x", status: int = 200, provider: str = "apimo") -> None:
    """One entry of the journal."""
    with sandbox.transaction():
        sandbox.journal.record(
            at=NOW,
            real_at=NOW + 0.5,
            provider=provider,
            operation="listLeads",
            head=head_of(path=path, headers=[(b"accept", b"*/*")]),
            status=status,
            duration_ms=1.5,
            violations=[],
            notes=["a note"],
            request=b"",
            reply=b'{"a":"\\u0000"}',
            reply_headers=[(b"x", b"\xe9")],
            fault={"id": "f1", "kind": "status", "in_contract": True},
        )


def test_calls_of_both_are_in_one_journal(pair: Pair) -> None:
    here, there = pair.both()
    for number in range(6):
        record((here, there)[number % 2], path=f"/{number}", status=200 + number)
    for sandbox in (here, there):
        entries = list(sandbox.journal.entries())
        assert [entry.path for entry in entries] == [f"/{number}" for number in range(6)]
        assert [entry.id for entry in entries] == [1, 2, 3, 4, 5, 6]
        assert [entry.path for entry in sandbox.journal.entries(after=4)] == ["/4", "/5"]
        assert [entry.path for entry in sandbox.journal.entries(status=203)] == ["/3"]
        assert (sandbox.journal.total, sandbox.journal.evicted) == (6, 0)
    assert list(here.journal.entries()) == list(there.journal.entries())
    assert replace(entries[0], id=6, path="/5", status=205) == entries[5]


def test_the_journal_keeps_the_newest_and_counts_the_rest(pair: Pair) -> None:
    here, there = pair.both()
    for number in range(1, 331):
        record(here, path=f"/{number}")
    assert (there.journal.total, there.journal.evicted) == (330, 230)
    assert [entry.path for entry in there.journal.entries()] == [f"/{number}" for number in range(231, 331)]
    with there.transaction():
        there.journal.clear()
        record(there, path="/new")
        assert [(entry.id, entry.path) for entry in there.journal.entries()] == [(1, "/new")]
    assert (here.journal.total, here.journal.evicted) == (1, 0)
    assert [(entry.id, entry.path) for entry in here.journal.entries()] == [(1, "/new")]
    with here.transaction():
        here.journal.clear()
    assert list(there.journal.entries()) == []


def test_inside_a_transaction_the_journal_shows_what_that_did(pair: Pair) -> None:
    here, _ = pair.both()
    record(here, path="/before")
    with here.transaction():
        record(here, path="/inside")
        assert [entry.path for entry in here.journal.entries()] == ["/before", "/inside"]
        here.journal.clear()
        assert list(here.journal.entries()) == []
    assert here.journal.total == 0
