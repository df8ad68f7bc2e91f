"""Extras are parts of the distribution that are installed only when they are wanted; one that is missing is named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


def missing_extra(what: str, extra: str) -> str:
    """Returns the sentence about something that needs an extra, with the command that installs it."""
    return f"{what} needs what is not installed here: pip install 'lead-mockserver[{extra}]'"


@contextmanager
def needs_extra(what: str, extra: str, library: str, refusal: Callable[[str], Exception]) -> Iterator[None]:
    """Raises the refusal where the block imports the library of an extra that is not there, or too old to be used."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] != library:
            raise
        raise refusal(missing_extra(what, extra)) from None
