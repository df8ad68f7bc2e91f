"""The cache of worlds lets all sandboxes with the same seed, file and moment share one."""

from weakref import WeakValueDictionary

from mockserver.foundation.cache_budget import CacheBudget
from mockserver.foundation.epoch import Epoch
from mockserver.world import World, WorldFile

_MAX_RECENT = 4


class WorldCache:
    """A world lives as long as a sandbox that is in it; the newest few live on for the next one."""

    def __init__(self, budget: CacheBudget) -> None:
        self._budget = budget
        self._alive: WeakValueDictionary[tuple[str, int, Epoch], World] = WeakValueDictionary()
        self._recent: list[World] = []
        self._texts: dict[int, tuple[WorldFile, str]] = {}

    def get(self, file: WorldFile, seed: int, origin: Epoch) -> World:
        """Returns the world of those three. Raises WorldError for pins that cannot be placed."""
        key = (self._text(file), seed, origin)
        world = self._alive.get(key)
        if world is None:
            world = self._alive[key] = World(file, origin=origin, seed=seed)
            world.use_budget(self._budget)
            self._recent = [*self._recent[-_MAX_RECENT + 1 :], world]
        return world

    def _text(self, file: WorldFile) -> str:
        """Files are frozen, so one that was seen before is recognised by its identity."""
        entry = self._texts.get(id(file))
        if entry is None:
            if len(self._texts) >= _MAX_RECENT:
                self._texts.clear()
            entry = self._texts[id(file)] = (file, repr(file))
        return entry[1]
