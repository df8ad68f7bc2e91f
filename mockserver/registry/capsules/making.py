"""Makes the capsule of a sandbox: what it is now is captured in a moment, and written out in turns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from pydantic import ValidationError

from mockserver.foundation.settings import Settings
from mockserver.foundation.stateful import ComponentState
from mockserver.foundation.version import __version__
from mockserver.provider_api.provider import ProvidersByName
from mockserver.registry.capsules.document import (
    CapsuleAccount,
    CapsuleContract,
    CapsuleHead,
    CapsuleMoment,
    CapsuleOverlay,
    CapsuleRefused,
    CapsuleSettings,
    SecretSource,
)
from mockserver.registry.capsules.file_format import packed
from mockserver.registry.capsules.withholding import Withholding
from mockserver.sandbox.changes.access import rotated_secret, rotations
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.spec import SandboxSpec
from mockserver.world.choices import first_complaint

_MAX_BODY = 4_096
"""The most characters of a body, as a journal has by default."""
_MAX_JOURNAL = 32 * 1024 * 1024
"""About the most bytes of all calls; older ones are left out."""
_WITHOUT_BODIES = 2_048
"""About how many bytes of JSON a call has beside its bodies."""


class CapsuleMaking:
    """The state of a sandbox as it was when this was made, in its transaction; `parts` are those of the file.

    Nothing that happens in the sandbox later is in it.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        spec: SandboxSpec,
        providers: ProvidersByName,
        settings: Settings,
        world_fingerprint: str,
        entries: Sequence[Entry] | None = None,
    ) -> None:
        """`entries` are its calls, where its journal does not have them; they are numbered anew."""
        self._spec = spec
        self._providers = providers
        self._settings = settings
        self._fingerprint = world_fingerprint
        self._moment = CapsuleMoment(at=sandbox.clock.time(), frozen=sandbox.clock.frozen)
        self._state = sandbox.capture()
        self._calls = sandbox.journal.total if entries is None else len(entries)
        calls = list(sandbox.journal.entries()) if entries is None else _numbered(entries)
        self._entries = _newest(calls, self._calls)
        self._variants = {name: dict(readings) for name, readings in sandbox.variants.items()}
        self._start = {
            (provider, record["user"]): record["secret"]
            for provider, records in spec.accounts.items()
            for record in records
        }
        self._rotations = {
            (provider, user): rotations(sandbox, provider, user)
            for provider, accounts in sandbox.accounts.items()
            for user in accounts
        }
        secrets = {account.secret for accounts in sandbox.accounts.values() for account in accounts.values()}
        keys = {subscription.api_key for subscription in sandbox.webhooks.list()} - {None}
        every_secret = {*secrets, *self._start.values(), *map(str, keys)}
        self._withholding = Withholding(every_secret, self._source_of, sandbox.journal.redactor.line)

    def parts(self) -> Iterator[bytes]:
        """Yields the parts of the file, each made in a moment. Raises CapsuleRefused for what is too large."""
        # What is withheld is told at the beginning of the file, so all records come first.
        records: list[bytes] = []
        for component, state in self._state.items():
            for key, value in _records(component, state):
                if (line := self._withholding.record(component, key, value)) is not None:
                    records.append(line)
                yield b""
        entries: list[bytes] = []
        for entry in self._entries:
            entries.append(self._withholding.line(_cut(entry), "a call"))
            yield b""
        try:
            head = self._head()
        except ValidationError as error:
            raise CapsuleRefused(f"The sandbox cannot be saved: {first_complaint(error, CapsuleHead)}.") from None
        yield from packed(head, iter(records), iter(entries))

    def whole(self) -> bytes:
        """Returns the whole file. Raises CapsuleRefused."""
        return b"".join(self.parts())

    def _head(self) -> CapsuleHead:
        spec, settings, withholding = self._spec, self._settings, self._withholding
        scenario = None if spec.scenario is None else withholding.without_secrets(spec.scenario, "the scenario")
        accounts = {name: tuple(self._accounts(name)) for name in self._providers}
        return CapsuleHead(
            capsule=1,
            made_by=f"lead-mockserver {__version__}",
            sandbox=spec.id,
            identity=spec.origin_id,
            world=spec.world,
            seed=spec.seed,
            origin=spec.origin,
            starts_at=spec.now,
            fingerprint=self._fingerprint,
            moment=self._moment,
            variants=self._variants,
            scenario=scenario,
            accounts=accounts,
            contracts={name: _contract(name, self._providers) for name in self._providers},
            settings=CapsuleSettings(
                token_lifetime=spec.token_lifetime or settings.token_lifetime,
                body_limit=settings.body_limit,
                prefer=settings.prefer,
                signing_key="development" if settings.signing_key is None else "private",
            ),
            calls=self._calls,
            withheld=withholding.sentences,
        )

    def _accounts(self, provider: str) -> Iterator[CapsuleAccount]:
        """Yields the accounts that the sandbox was made with."""
        agencies = [agency.id for agency in self._spec.world.agencies if agency.granted]
        made = self._providers[provider].auth.make_accounts(self._spec.origin_id, agencies)
        derived = {(account.user, account.secret) for account in made}
        for record in self._spec.accounts[provider]:
            is_derived = (record["user"], record["secret"]) in derived
            if not is_derived:
                self._withholding.note_chosen(provider, record["user"])
            source = SecretSource.DERIVED if is_derived else SecretSource.CHOSEN
            yield CapsuleAccount.model_validate({**record, "secret": source})

    def _source_of(self, provider: str, record: Mapping[str, Any]) -> tuple[str, int]:
        """Returns where the secret of a changed account comes from, and the number of rotations."""
        user, secret = record["user"], record["secret"]
        if self._start.get((provider, user)) == secret:
            return SecretSource.START, 0
        times = self._rotations.get((provider, user), 0)
        if times and secret == rotated_secret(self._spec.origin_id, provider, user, times):
            return SecretSource.ROTATED, times
        return SecretSource.CHOSEN, 0


def _contract(name: str, providers: ProvidersByName) -> CapsuleContract:
    contract = providers[name].contract
    overlays = tuple(CapsuleOverlay(name=overlay.name, sha256=overlay.sha256) for overlay in contract.overlays)
    return CapsuleContract(version=contract.version, digest=contract.document_digest, overlays=overlays)


def _records(component: str, state: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yields the records of a component that mean the same elsewhere: the clock's is about real time."""
    if component == "clock":
        return
    for key, value in state.records() if isinstance(state, ComponentState) else state.items():
        if component == "outbox" and key.startswith("pending/"):
            # An attempt under way is not one of who loads it.
            value = {**value, "claim": None, "claimed_until": 0.0}
        yield key, value


def _numbered(entries: Sequence[Entry]) -> list[Entry]:
    return [replace(entry, id=id) for id, entry in enumerate(entries, 1)]


def _newest(entries: Sequence[Entry], total: int) -> Sequence[Entry]:
    """Returns the newest calls without a gap, as many as a capsule has room for."""
    size = length = 0
    for entry, id in zip(reversed(entries), count(total, -1), strict=False):
        size += min(len(entry.request), _MAX_BODY) + min(len(entry.reply), _MAX_BODY) + _WITHOUT_BODIES
        if entry.id != id or size > _MAX_JOURNAL:
            break
        length += 1
    return entries[len(entries) - length :]


def _cut(entry: Entry) -> dict[str, Any]:
    return {**entry.as_record(), "request": entry.request[:_MAX_BODY], "reply": entry.reply[:_MAX_BODY]}
