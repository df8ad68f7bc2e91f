"""Worlds that were made, so that all sandboxes with the same seed, file and moment share one."""

from weakref import WeakValueDictionary

from mockserver.foundation.epoch import Epoch
from mockserver.world import World, WorldFile

_MAX_HELD = 4


class WorldCache:
    """A world lives as long as a sandbox that is in it; the newest few live on for the next one."""

    def __init__(self) -> None:
        self._alive: WeakValueDictionary[tuple[str, int, Epoch], World] = WeakValueDictionary()
        self._held: list[World] = []
        self._keys: dict[int, tuple[WorldFile, str]] = {}

    def get(self, file: WorldFile, seed: int, origin: Epoch) -> World:
        """The one world of those three. Raises WorldError for pins that cannot be placed."""
        key = (self._text(file), seed, origin)
        world = self._alive.get(key)
        if world is None:
            world = self._alive[key] = World(file, origin=origin, seed=seed)
            self._held = [*self._held[-_MAX_HELD + 1 :], world]
        return world

    def _text(self, file: WorldFile) -> str:
        """Files are frozen, so one that was seen before is known by its identity."""
        known = self._keys.get(id(file))
        if known is None:
            if len(self._keys) >= _MAX_HELD:
                self._keys.clear()
            known = self._keys[id(file)] = (file, file.model_dump_json())
        return known[1]
