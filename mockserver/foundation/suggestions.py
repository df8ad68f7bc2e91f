"""Messages about unknown names, with the name that was probably meant."""

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.foundation.problems import excerpt

Operations = Mapping[str, Mapping[str, Any]]
"""The operations of each provider, by operationId."""
_LIKENESS = 0.8
"""The share of a name that it must have in common with one that begins otherwise."""
_MAX_NAME = 200
"""The most characters of a name that are shown, and compared with others."""


def unknown_name(operations: Operations, provider: str | None, operation: str | None = None) -> str | None:
    """Returns a sentence about an unknown name; None when both names exist or are None."""
    if provider is not None and provider not in operations:
        return f"There is no provider {provider!r}; there is {', '.join(operations)}."
    names = [name for owner, ids in operations.items() if provider in (None, owner) for name in ids]
    if operation is None or operation in names:
        return None
    from difflib import get_close_matches

    beginning = f"Provider {provider} has no" if provider else "No provider has an"
    close = get_close_matches(operation, names, n=1, cutoff=0.4)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}."
    return f"{beginning} operation {operation!r}; {hint}"


def unknown_and_ignored(what: str, name: str, names: Iterable[str], inside: str = "") -> str:
    """Returns a note on something that no contract names; `inside` is the place that it is in."""
    close = nearest_name(name, names)
    note = f"{what} `{excerpt(inside + name, _MAX_NAME)}`: unknown, ignored"
    return note if close is None else f"{note}; did you mean `{close}`?"


def ended(sentence: str) -> str:
    """Returns a sentence with a full stop, unless it is a question."""
    return sentence if sentence.endswith("?") else f"{sentence}."


def hint(name: str, names: Iterable[str], start: str = "there is", end: str = "") -> str:
    """Returns the name that was probably meant as a question, or all that there are: `there is apimo, gsl`.

    `end` follows their list, such as `, or a file`.
    """
    names = list(names)
    close = nearest_name(name, names)
    return f"{start} {', '.join(names)}{end}" if close is None else f"did you mean {close}?"


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """Returns the name that was probably meant: one that is written alike, in whatever case; None when none is near."""
    if len(name) > _MAX_NAME:
        return None
    folded = {_folded(other): other for other in names}
    plain = _folded(name)
    if plain in folded:
        return folded[plain]
    from difflib import get_close_matches

    most = max(2, len(plain) // 3)
    likely = [other for other in folded if abs(len(other) - len(plain)) <= most]
    return next((folded[other] for other in get_close_matches(plain, likely) if _is_near(plain, other)), None)


def _is_near(name: str, other: str) -> bool:
    """Tells whether a name is a slip of the pen for another: what begins with another letter is more than that."""
    if name[:1] == other[:1]:
        return True
    from difflib import SequenceMatcher

    return SequenceMatcher(None, other, name).ratio() >= _LIKENESS


def _folded(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")
