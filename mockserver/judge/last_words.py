"""Finds the line in a program's output that says what went wrong, and tells how a run ended."""

import re
import signal
from collections.abc import Iterator, Sequence

from mockserver.judge.evidence import Run

MAX_LINE = 200
"""Characters of the line."""
_MAX_LOOK = 500
"""Characters of a line that are looked at."""
_MAX_LINES = 2_000
"""Lines that are looked at, the last ones."""
_TRACEBACK = re.compile(r"[\s+|]*(?:Exception Group )?Traceback \(most recent call last\):\s*$")
_GROUPED = re.compile(r"^\s*\| ")
"""The margin of a Python exception that is one of several."""
_FRAME = re.compile(r"\s|\+-")
_PANIC = re.compile(r"thread '.*' (?:\(\d+\) )?panicked at .*:$")
_CRASHES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:Uncaught )?(?:[A-Za-z_$][\w$]*[.:\\]{1,2})*[A-Z][\w$]*(?:Error|Exception)(?: \[\w+\])?(?::|$)",
        r"Exception in thread ",
        r"Caused by: ",
        r"Unhandled exception[.:] ",
        r"(?:PHP )?(?:Fatal|Parse|Catchable fatal|Recoverable fatal) error: ",
        r".+:\d+:in ['`].+': .+ \([A-Z][\w:]*\)$",  # Ruby
        r"(?:panic|fatal error): ",
        r"thread '.*' (?:\(\d+\) )?panicked at ",
        r"curl: \(\d+\) ",
        r"(?:Segmentation fault|Killed|Aborted|Bus error)\b",
    )
)
"""The first line that a language, or a tool, writes about what ended a program."""
_ERROR = re.compile(
    r"(?:\S+ ){0,4}?\W{0,2}(?:ERROR|FATAL|CRITICAL)\b|\W{0,2}(?i:error|fatal|critical|erreur) ?\W{0,2}[:\]]"
)
_NOISE = re.compile(
    r"Node\.js v\d|exit status \d|\s+at |\s*#\d+ |\s+thrown in |\s*from |npm (?:ERR|error)|make.*\*\*\*|[\s{}^~|]*$"
)
"""Lines behind the one that matters: versions, stacks, and what a starter says of its program."""


def line_about_failure(output: str) -> str:
    """Returns the line that says what went wrong; else the last one that is not empty; else nothing."""
    lines = [_GROUPED.sub("", line[:_MAX_LOOK]) for line in output.splitlines()[-_MAX_LINES:]]
    for candidates in (_crashes(lines), _errors(lines), _meant(lines), filter(str.strip, lines)):
        last = ""
        for line in candidates:
            last = line
        if last:
            return last.strip()[:MAX_LINE]
    return ""


def _crashes(lines: Sequence[str]) -> Iterator[str]:
    in_traceback = False
    for number, line in enumerate(lines):
        if _TRACEBACK.match(line):
            in_traceback = True
        elif in_traceback and line.strip() and not _FRAME.match(line):
            in_traceback = False
            yield line
        elif any(pattern.match(line) for pattern in _CRASHES):
            yield f"{line} {lines[number + 1]}" if _PANIC.match(line) and number + 1 < len(lines) else line


def _errors(lines: Sequence[str]) -> Iterator[str]:
    return (line for line in lines if _ERROR.match(line) and not _NOISE.match(line))


def _meant(lines: Sequence[str]) -> Iterator[str]:
    return (line for line in lines if not _NOISE.match(line))


def how_it_ended(run: Run) -> str:
    """Returns how a run ended, with the line of its output that says why."""
    how = f"it ended with exit code {run.exit_code}"
    if run.exit_code is not None and run.exit_code < 0:
        how = f"it was ended by {_signal(-run.exit_code)}"
    if run.ending == "timeout":
        how = "it took too long and was stopped; one that polls for ever is to be quiet for --settle seconds in between"
    line = line_about_failure(run.output) if run.ending != "settled" else ""
    return f"{how} ({line})" if line else how


def _signal(number: int) -> str:
    try:
        return f"signal {number} ({signal.Signals(number).name})"
    except ValueError:
        return f"signal {number}"
