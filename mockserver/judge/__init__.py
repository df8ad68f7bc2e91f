"""The judge of clients: runs a program through drills, and tells which obligations it holds and which it breaks."""

from mockserver.judge.api import judge
from mockserver.judge.program import ConformError

__all__ = ["ConformError", "judge"]
