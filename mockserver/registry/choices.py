"""The choices that a sandbox is made of."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from mockserver.foundation.epoch import Epoch
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world import WorldFile

SLUG = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""The pattern of ids of sandboxes, which stand in paths, headers and challenges."""
MAX_CAPSULE_FILE = 32 * 1024 * 1024
"""The most bytes of the file of a capsule."""
Variants = Mapping[str, Mapping[str, str]]


class SandboxChoices(NamedTuple):
    """All that can be chosen of a sandbox; what is None is as in the default one."""

    world: str | WorldFile | None = None
    seed: int | None = None
    now: Epoch | None = None
    variants: Variants = MappingProxyType({})
    scenario: str | Mapping[str, Any] | None = None
    credentials: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
