"""Stores hold the world as it is now: reads fall through to the world, writes lie over it."""

from mockserver.sandbox.store.memory import MemoryStore
from mockserver.sandbox.store.protocol import Store

__all__ = ["MemoryStore", "Store"]
