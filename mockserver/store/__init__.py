"""What the world has become: reads fall through to the world, writes lie over it."""

from mockserver.store.memory import MemoryStore
from mockserver.store.protocol import Store

__all__ = ["MemoryStore", "Store"]
