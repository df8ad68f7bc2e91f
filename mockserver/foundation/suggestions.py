"""Names of providers and operations as somebody gives them: which there are, and which was probably meant."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

Operations = Mapping[str, Mapping[str, Any]]
"""The operations of each provider, by operationId."""


def unknown_name(operations: Operations, provider: str | None, operation: str | None = None) -> str | None:
    """A sentence about the name that there is not; None when both are there, or not given."""
    if provider is not None and provider not in operations:
        return f"There is no provider {provider!r}; there is {', '.join(operations)}."
    known = [name for at, names in operations.items() if provider in (None, at) for name in names]
    if operation is None or operation in known:
        return None
    at = f"Provider {provider} has no" if provider else "No provider has an"
    close = get_close_matches(operation, known, n=1, cutoff=0.4)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}."
    return f"{at} operation {operation!r}; {hint}"
