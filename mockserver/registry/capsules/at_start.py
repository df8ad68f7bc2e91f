"""Fills the default sandbox with a capsule when a server starts."""

import logging
from pathlib import Path
from typing import Protocol

from mockserver.foundation.settings import Settings, SettingsError
from mockserver.registry.capsules.document import CapsuleRefused
from mockserver.registry.capsules.file_format import read_capsule
from mockserver.registry.capsules.loading import CapsuleLoading, SandboxHome
from mockserver.registry.choices import MAX_CAPSULE_FILE
from mockserver.registry.factory import DEFAULT, SandboxTaken
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.spec import SandboxSpec
from mockserver.world import WorldError

log = logging.getLogger("mockserver.registry")

_CHOICES = ("world", "seed", "now", "variants", "scenario")
"""Settings that a capsule makes."""


class StartingHome(SandboxHome, Protocol):
    """The registry, before it has a default sandbox."""

    def admit_default(self, spec: SandboxSpec) -> Sandbox:
        """Makes the default sandbox, which was added to the repository."""


def load_default(home: StartingHome, path: Path) -> SandboxSpec:
    """Fills the default sandbox, and returns its spec. Raises SettingsError.

    One that a store has already from the same capsule goes on as it is.
    """
    settings, usual = home.settings, Settings()
    if clash := [name for name in _CHOICES if getattr(settings, name) != getattr(usual, name)]:
        raise SettingsError(
            f"a capsule brings its own {clash[0].removesuffix('s')}; leave out --{clash[0].removesuffix('s')}"
        )
    try:
        loading = CapsuleLoading(home, read_capsule(read_file(path)), DEFAULT, {})
        for _ in loading:
            pass
        loading.add()
    except (CapsuleRefused, WorldError) as error:
        raise SettingsError(f"{path}: {error}") from None
    except SandboxTaken:
        return _stored(home, loading.spec, path)
    loading.fill_up(home.admit_default(loading.spec))
    for sentence in loading.warnings():
        log.warning("capsule %s: %s", path, sentence)
    return loading.spec


def read_file(path: Path) -> bytes:
    """Returns the content of a file, or somewhat more than a capsule can have. Raises CapsuleRefused."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_CAPSULE_FILE + 1)
    except OSError as error:
        raise CapsuleRefused(f"it cannot be read: {error.strerror}.") from None


def _stored(home: StartingHome, spec: SandboxSpec, path: Path) -> SandboxSpec:
    stored = home.repository.find(DEFAULT)
    if stored is None or stored.as_record() != spec.as_record():
        raise SettingsError(
            f"the store holds a default sandbox that was not made of {path}; start without --capsule, or with another "
            "store"
        )
    home.admit_default(stored)
    return stored
