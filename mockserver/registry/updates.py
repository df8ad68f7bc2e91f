"""Settings that change while sandboxes are in use: each sandbox follows in all in which it was as the default one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockserver.foundation.named_tuple import NamedTuple
from mockserver.foundation.settings import Settings
from mockserver.provider_api.provider import Provider
from mockserver.sandbox.spec import SandboxSpec
from mockserver.world import WorldFile
from mockserver.world.cache import WorldCache


class RegistryUpdate(NamedTuple):
    """Everything that sandboxes are made of from a moment on."""

    settings: Settings
    providers: dict[str, Provider]
    default: SandboxSpec
    """The default sandbox as the settings want it."""
    worlds: WorldCache

    def rebased(self, spec: SandboxSpec, before: SandboxSpec) -> SandboxSpec:
        """Returns the spec of another sandbox; `before` is the default one's so far."""
        default = self.default
        follows = spec.world == before.world
        world = default.world if follows else spec.world
        is_at_same_time = (spec.now, spec.origin) == (before.now, before.origin)
        return replace(
            spec,
            world=world,
            seed=default.seed if follows and spec.seed == before.seed else spec.seed,
            now=default.now if is_at_same_time else spec.now,
            origin=default.origin if is_at_same_time else spec.origin,
            variants={name: self._readings(name, spec, before) for name in self.providers},
            accounts={
                name: _accounts(provider, spec, world) if world != spec.world else spec.accounts[name]
                for name, provider in self.providers.items()
            },
        )

    def _readings(self, provider: str, spec: SandboxSpec, before: SandboxSpec) -> Mapping[str, str]:
        """Returns the readings of a sandbox: its own where it has one that is still possible."""
        readings = dict(self.default.variants[provider])
        for name, variant in self.providers[provider].contract.variants.items():
            reading = spec.variants[provider].get(name)
            if reading in variant.values and reading != before.variants[provider].get(name):
                readings[name] = str(reading)
        return readings


def _accounts(provider: Provider, spec: SandboxSpec, world: WorldFile) -> tuple[Mapping[str, Any], ...]:
    """Returns the accounts for another world: made ones are made again, given ones keep the agencies that there are."""
    records = spec.accounts[provider.name]
    made = [account.as_record() for account in provider.auth.make_accounts(spec.origin_id, _granted(spec.world))]
    if list(records) == made:
        return tuple(account.as_record() for account in provider.auth.make_accounts(spec.origin_id, _granted(world)))
    ids = {agency.id for agency in world.agencies}
    return tuple({**record, "agencies": [id for id in record["agencies"] if id in ids]} for record in records)


def _granted(world: WorldFile) -> list[int]:
    return [agency.id for agency in world.agencies if agency.granted]
