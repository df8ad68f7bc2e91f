"""A running server takes other settings, contracts and worlds; calls under way end as they began."""

from collections.abc import Iterator
from dataclasses import replace

from mockserver.foundation.named_tuple import NamedTuple
from mockserver.foundation.settings import Settings
from mockserver.registry.reloading import changed_settings, prepare_update
from mockserver.registry.updates import RegistryUpdate
from mockserver.server.app import MockServer, check_provider_names, providers_of

CHANGEABLE = frozenset(
    {
        "world",
        "seed",
        "now",
        "overlays",
        "variants",
        "scenario",
        "token_lifetime",
        "body_limit",
        "sandbox_limit",
        "sandbox_idle",
        "prefer",
        "cors",
    }
)
"""The settings that can change while a server runs."""


class PreparedReload(NamedTuple):
    """Everything that was read and made for the next moment at which no call is being answered."""

    update: RegistryUpdate
    ignored: list[str]
    """The settings that changed, and cannot while the server runs."""


def prepare(server: MockServer, settings: Settings) -> PreparedReload:
    """Reads and makes all that the settings name, in any thread; the server goes on as before.

    Raises ContractError, WorldError or SettingsError.
    """
    ignored = [name for name in changed_settings(server.settings, settings) if name not in CHANGEABLE]
    settings = replace(server.settings, **{name: getattr(settings, name) for name in CHANGEABLE})
    providers = providers_of(settings)
    check_provider_names(settings, providers)
    return PreparedReload(prepare_update(server.sandboxes, settings, providers), ignored)


def apply(server: MockServer, prepared: PreparedReload) -> Iterator[str | None]:
    """Has the server go on with what was prepared, sandbox by sandbox; yields a sentence on what is lost in one.

    New calls have to wait until it is done; others may go on in between.
    """
    yield from server.sandboxes.adopt(prepared.update)
    server.use(prepared.update.settings, prepared.update.providers)
