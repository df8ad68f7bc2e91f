"""Regular expressions that are compiled when they are first used.

Most of those that a server knows wait for a call that few programs make, and each takes up to half a millisecond.
"""

import re
from typing import TYPE_CHECKING, Any

__all__ = ["late_pattern"]


class _LatePattern:
    """Stands for a compiled pattern, whose methods it has from its first use on."""

    def __init__(self, expression: Any, flags: int = 0) -> None:
        self._arguments = expression, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(*self._arguments)
        # From now on Python finds them without calling this function.
        self.__dict__.update({method: getattr(compiled, method) for method in dir(compiled) if method[0] != "_"})
        return getattr(compiled, name)


if TYPE_CHECKING:
    from re import compile as late_pattern
else:
    late_pattern = _LatePattern
