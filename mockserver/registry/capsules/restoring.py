"""Makes a sandbox of a capsule: first what it starts with, checked against this server, then all that changed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockserver.foundation.clock import real_time
from mockserver.foundation.settings import Settings
from mockserver.foundation.stateful import ComponentState
from mockserver.provider_api.provider import Provider, ProvidersByName
from mockserver.registry.capsules.accounts import GivenCredentials, check_agencies, chosen_secret, start_account
from mockserver.registry.capsules.document import (
    Capsule,
    CapsuleAccount,
    CapsuleContract,
    CapsuleHead,
    CapsuleRefused,
    SecretSource,
)
from mockserver.registry.capsules.fingerprint import fingerprint
from mockserver.registry.capsules.record_checks import check_record
from mockserver.registry.factory import resolve_variants
from mockserver.sandbox.changes.access import rotated_secret
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.persistence.repository import Dump
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.spec import SandboxSpec
from mockserver.sandbox.store.transfer import misfits
from mockserver.scenarios.errors import ScenarioError
from mockserver.scenarios.loading import parse_scenario
from mockserver.world.pins import PinBoard

_ENTRY_MEMBERS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (int, ("id", "status", "request_bytes", "reply_bytes")),
    (int | float, ("at", "real_at", "duration_ms")),
    (str, ("provider", "operation", "method", "path", "query", "request", "reply")),
    (Mapping | None, ("fault",)),
)
"""The members of a call by type."""


def spec_of(
    capsule: Capsule, id: str, providers: ProvidersByName, settings: Settings, credentials: GivenCredentials
) -> SandboxSpec:
    """Returns what the sandbox is made from. `credentials` are those that somebody chose, and gives again.

    Raises CapsuleRefused where this server would answer otherwise than the one at which it was saved, WorldError for a
    world that cannot be, and SettingsError for readings that there are not.
    """
    head = capsule.head
    _check_providers(head, providers, credentials)
    PinBoard(head.world).check()
    if head.scenario is not None:
        _check_scenario(head.scenario, providers)
    return SandboxSpec(
        id=id,
        world=head.world,
        seed=head.seed,
        origin=head.origin,
        now=head.starts_at,
        variants={
            name: resolve_variants(provider.contract, head.variants.get(name, {}))
            for name, provider in providers.items()
        },
        accounts={
            name: tuple(start_account(head, provider, account, credentials) for account in head.accounts[name])
            for name, provider in providers.items()
        },
        scenario=head.scenario,
        identity=None if head.identity == id else head.identity,
        token_lifetime=None
        if head.settings.token_lifetime == settings.token_lifetime
        else head.settings.token_lifetime,
    )


def differences(head: CapsuleHead, settings: Settings) -> list[str]:
    """Returns a sentence on every setting of this server that makes some of its answers others."""
    sentences = []
    if head.settings.body_limit != settings.body_limit:
        sentences.append(
            f"It was saved at a server with --body-limit {head.settings.body_limit}; here it is {settings.body_limit}."
        )
    if head.settings.prefer != settings.prefer:
        option = "--prefer" if head.settings.prefer else "--no-prefer"
        sentences.append(f"It was saved at a server with {option}, which this one was started without.")
    if head.settings.signing_key == "private" or settings.signing_key is not None:
        sentences.append("Tokens are signed with another key than where it was saved; clients ask for new ones.")
    return sentences


def _encoded(state: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(state.records()) if isinstance(state, ComponentState) else state


class Restoring:
    """Takes over all that changed, step by step, into a sandbox that nobody sees yet: `for _ in restoring: …`.

    Raises CapsuleRefused for a record or a call that cannot be read.
    """

    def __init__(
        self,
        capsule: Capsule,
        sandbox: Sandbox,
        spec: SandboxSpec,
        providers: ProvidersByName,
        credentials: GivenCredentials,
        *,
        is_adopted: bool,
    ) -> None:
        """`is_adopted` tells that another sandbox of this process takes it over, and not a store.

        `credentials` are those that somebody chose, and gives again.
        """
        self._capsule = capsule
        self._sandbox = sandbox
        self._spec = spec
        self._providers = providers
        self._credentials = credentials
        self._is_adopted = is_adopted
        self.entries: list[Entry] = []
        """The calls of its journal."""

    @property
    def records(self) -> Dump:
        """Everything that changed, as a snapshot holds it; after the last step."""
        captured = self._sandbox.capture()
        return captured if self._is_adopted else {name: _encoded(state) for name, state in captured.items()}

    def __iter__(self) -> Iterator[None]:
        head, components = self._capsule.head, self._sandbox.components()
        if fingerprint(self._sandbox.world) != head.fingerprint:
            raise CapsuleRefused(
                f"The capsule was made by {head.made_by}, whose worlds are others than those of this release; load it "
                "with that one."
            )
        for name, key, value in self._capsule.records():
            if name not in components or name == "clock":
                raise CapsuleRefused(f"The capsule has a record of {name!r}, which this release does not know.")
            try:
                check_record(name, key, value)
                components[name].load(key, self._read(name, key, value))
            except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
                raise CapsuleRefused(
                    f"The capsule's record {name} {key[:100]!r} cannot be read: {_reason(error)}."
                ) from None
            yield
        for misfit in misfits(self._sandbox.store, self._sandbox.world):
            if misfit is not None:
                raise CapsuleRefused(f"The capsule's record store {misfit!r} refers to what is not in its world.")
            yield
        if not all(map(self._sandbox.can_arrive, self._sandbox.pending_leads.dump().values())):
            raise CapsuleRefused("The capsule has a lead to come that refers to what is not in its world.")
        moment = head.moment
        position = {"frozen_at": moment.at} if moment.frozen else {"offset": moment.at - real_time()}
        components["clock"].load("", position)
        yield
        yield from self._read_entries()

    def _read_entries(self) -> Iterator[None]:
        head = self._capsule.head
        first = head.calls - len(self._capsule.call_lines) + 1
        for id, record in enumerate(self._capsule.calls(), first):
            try:
                entry = _entry(record)
                is_right = entry.id == id
            except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
                raise CapsuleRefused(f"The capsule's call {id} cannot be read: {_reason(error)}.") from None
            if not is_right:
                raise CapsuleRefused(f"The capsule's calls are not those before call {head.calls + 1}, one by one.")
            self.entries.append(entry)
            yield

    def _read(self, component: str, key: str, value: Any) -> Any:
        if component == "accounts" and value:
            return self._account(key, value)
        if component == "script" and key == "scenario" and value:
            _check_scenario(value, self._providers)
        return value

    def _account(self, key: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the record of a changed account with its secret."""
        provider, _, user = key.partition("/")
        account = CapsuleAccount.model_validate(record)
        start = {entry["user"]: entry["secret"] for entry in self._spec.accounts[provider]}
        if account.user != user:
            raise ValueError(f"it is of user {account.user!r}")
        check_agencies(self._capsule.head, account)
        if account.secret is SecretSource.START:
            secret = start[user]
        elif account.secret is SecretSource.ROTATED:
            secret = rotated_secret(self._capsule.head.identity, provider, user, account.rotations)
        else:
            # Chosen anew or from the start: whoever gives the credentials again gives those that are good now.
            secret = chosen_secret(self._capsule.head, self._providers[provider], user, self._credentials)
        return {**account.model_dump(mode="json", exclude={"rotations"}), "secret": secret}


def _entry(record: Mapping[str, Any]) -> Entry:
    """Reads a call. Raises ValueError, TypeError or LookupError for what is none."""
    entry = Entry.from_record(record)
    entry.as_dict(0)
    for kind, names in _ENTRY_MEMBERS:
        if wrong := [name for name in names if not isinstance(getattr(entry, name), kind)]:
            raise ValueError(f"its {wrong[0]} is of another type")
    if not all(isinstance(note, str) for note in entry.notes):
        raise ValueError("its notes are of another type")
    return entry


def _check_providers(head: CapsuleHead, providers: ProvidersByName, credentials: GivenCredentials) -> None:
    for name in (*head.contracts, *head.accounts, *head.variants, *credentials):
        if name not in providers:
            raise CapsuleRefused(f"The capsule names provider {name!r}; this server has {', '.join(providers)}.")
    for name, provider in providers.items():
        if name not in head.contracts or name not in head.accounts:
            raise CapsuleRefused(
                f"The capsule has no provider {name}, which this server has; load it with {head.made_by}."
            )
        _check_contract(head, head.contracts[name], provider)


def _check_contract(head: CapsuleHead, saved: CapsuleContract, provider: Provider) -> None:
    """Raises CapsuleRefused where the contract is another: the answers would be others, too."""
    contract, name = provider.contract, provider.name
    ours = {overlay.sha256: overlay.name for overlay in contract.overlays}
    for overlay in saved.overlays:
        if overlay.sha256 not in ours:
            raise CapsuleRefused(
                f"The capsule needs the overlay {overlay.name} of {name} (SHA-256 {overlay.sha256}); start the server "
                f"with --overlay {name}={overlay.name}."
            )
    needed = {overlay.sha256 for overlay in saved.overlays}
    for digest, file in ours.items():
        if digest not in needed:
            raise CapsuleRefused(
                f"The capsule was saved without the overlay {file} of {name} (SHA-256 {digest}) that this server has; "
                "start it without that."
            )
    if saved.digest == contract.document_digest:
        return
    if len(ours) > 1:
        order = " ".join(f"--overlay {name}={overlay.name}" for overlay in saved.overlays)
        raise CapsuleRefused(f"The capsule needs the overlays of {name} in another order: {order}.")
    raise CapsuleRefused(
        f"The capsule was made by {head.made_by}, whose contract of {name} (version {saved.version}, SHA-256 "
        f"{saved.digest[:12]}…) is another than the one here (version {contract.version}, SHA-256 "
        f"{contract.document_digest[:12]}…); load it with that release."
    )


def _check_scenario(document: Mapping[str, Any], providers: ProvidersByName) -> None:
    try:
        parse_scenario(document, providers)
    except ScenarioError as error:
        raise CapsuleRefused(f"The capsule's scenario cannot be used: {error}") from None


def _reason(error: Exception) -> str:
    """Returns the first line of an error, which for a model is not about this place."""
    from pydantic import ValidationError

    from mockserver.world.choices import first_complaint

    text = (
        first_complaint(error)
        if isinstance(error, ValidationError)
        else str(error).splitlines()[0]
        if str(error)
        else ""
    )
    return (text or type(error).__name__).rstrip(".")


def without_routes(spec: SandboxSpec) -> SandboxSpec:
    """Returns the spec of a sandbox to which its credentials alone do not lead: another one has them."""
    return replace(spec, is_found_by_user=False)
