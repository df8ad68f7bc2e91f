"""Prepares, in any thread, what other settings make of all sandboxes, while calls are answered."""

from dataclasses import replace

from mockserver.foundation.dataclass_fields import field_names
from mockserver.foundation.settings import Settings
from mockserver.provider_api.provider import Provider
from mockserver.registry.factory import make_default_spec
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.registry.updates import RegistryUpdate
from mockserver.world.cache import WorldCache


def prepare_update(registry: SandboxRegistry, settings: Settings, providers: dict[str, Provider]) -> RegistryUpdate:
    """Makes what takes long, in any thread; the registry is as before. Raises SettingsError or WorldError."""
    before = registry.default_spec
    default = make_default_spec(settings, providers)
    if default.now is None and before.now is None:
        # Without it every moment of the world would move with each change of a file.
        default = replace(default, origin=before.origin)
    worlds = WorldCache(registry.memory.caches)
    # Made now, and kept there for the sandboxes.
    worlds.get(default.world, default.seed, default.origin)
    return RegistryUpdate(settings, providers, default, worlds)


def changed_settings(old: Settings, new: Settings) -> list[str]:
    """Returns the names of the settings that differ."""
    return [name for name in field_names(Settings) if getattr(old, name) != getattr(new, name)]
