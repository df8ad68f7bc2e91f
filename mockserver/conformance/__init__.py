"""The judge of clients: runs a program through drills, and tells which obligations it holds and which it breaks."""

from mockserver.conformance.api import judge
from mockserver.conformance.program import ConformError

__all__ = ["ConformError", "judge"]
