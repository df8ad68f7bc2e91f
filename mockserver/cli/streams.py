"""The standard streams of a command: they are always there, and can hold every text, whatever their encoding is."""

import codecs
import os
import sys
from contextlib import suppress
from io import FileIO, TextIOWrapper

ESCAPE = "mockserver-escape"
"""The name of the error handler that writes what an encoding lacks as JSON does: `\\u2019`."""


def prepare_streams() -> None:
    """Makes standard output and standard error usable for every command; called once, before anything is printed.

    One that is closed (`mockserver serve >&-`), or was never there (pythonw), swallows what is written. Characters
    that the encoding of one lacks are written as escapes, which a reader of JSON understands.
    """
    codecs.register_error(ESCAPE, _escaped)
    _fill_descriptors()
    if sys.stdout is None:
        sys.stdout = _nowhere()
    if sys.stderr is None:
        sys.stderr = _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=ESCAPE)


def close_output() -> None:
    """Lets standard output swallow what is written, and what it still holds: there is no room for it."""
    with suppress(OSError):
        sys.stdout.close()
    sys.stdout = _nowhere()


def _nowhere() -> TextIOWrapper:
    return TextIOWrapper(FileIO(os.devnull, "w"), encoding="utf-8", write_through=True)


def _fill_descriptors() -> None:
    """Opens what is closed of the three standard descriptors, before a socket or a file takes such a number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)), error.end
