"""Reads the outcome of a client: the file in which it says after each run which leads it holds."""

import json
import os
import re
import shutil
import stat
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from mockserver.judge.evidence import HeldLead
from mockserver.judge.program import ConformError

MAX_BYTES = 64 * 1024 * 1024
MAX_LINES = 500_000
"""No world has a thousandth of so many leads."""
_MOST = f"{MAX_BYTES} bytes or {MAX_LINES} lines"
_BOM = b"\xef\xbb\xbf"
_MEMBERS = ("email", "phone", "name", "message")
_RIGHT = 'one JSON object a line with the "id" of a lead is right, such as {"id": "4711", "email": "a@example.org"}'
_MAX_NAME = 60
"""Characters of a name that is not known, in a sentence about it."""
_LONE = re.compile("[\ud800-\udfff]")


class OutcomeError(ConformError):
    """An outcome that cannot be read; the message names the line and what would be right."""


def clear_outcome(path: Path) -> None:
    """Removes what a client left there, whatever it is; a link goes, and not what it names. Raises ConformError."""
    try:
        if path.is_dir() and not path.is_symlink():
            _remove_folder(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise ConformError(f"{path} cannot be removed: {error.strerror}; remove it, or name another folder") from None


def _remove_folder(path: Path) -> None:
    """Removes a folder, also one in which a client forbade it to others."""
    try:
        shutil.rmtree(path)
    except PermissionError:
        os.chmod(path, stat.S_IRWXU)
        for folder, names, _ in os.walk(path):
            for inner in (Path(folder, name) for name in names):
                if not inner.is_symlink():
                    inner.chmod(stat.S_IRWXU)
        shutil.rmtree(path)


def read_outcome(
    path: Path, provider: str | None = None, providers: Collection[str] = ()
) -> tuple[HeldLead, ...] | None:
    """Returns the leads that a client says it holds; None when it wrote nothing. Raises OutcomeError.

    With `provider`, lines that say in `provider` that they are another one's are left out. `providers` are those that
    there are; where it is empty, a line may name any.
    """
    file = _opened(path)
    if file is None:
        return None
    held: list[HeldLead] = []
    first_wrong, wrong, rest = "", 0, MAX_BYTES
    try:
        with file:
            # Only the line feed ends a line: JSON may have the other ends, such as U+2028, in its texts.
            for number, line in enumerate(iter(partial(file.readline, MAX_BYTES + 1), b""), 1):
                rest -= len(line)
                if rest < 0 or number > MAX_LINES:
                    raise OutcomeError(f"the outcome has more than {_MOST}, which are the most that are read")
                try:
                    lead = _lead(line.removeprefix(_BOM) if number == 1 else line, provider, providers)
                except ValueError as error:
                    first_wrong = first_wrong or f"line {number} of the outcome: {error}"
                    wrong += 1
                else:
                    if lead is not None:
                        held.append(lead)
    except OSError as error:
        raise _unreadable(path, error) from None
    if wrong:
        raise OutcomeError(first_wrong + (f" (and {wrong - 1} more such lines)" if wrong > 1 else ""))
    return tuple(held)


def _opened(path: Path) -> BinaryIO | None:
    """Opens a file; returns None without one. A pipe or a device, which would never end, is refused."""
    # The flag, where it exists, opens a pipe without anybody at its other end.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        number = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error) from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OutcomeError(f"the outcome {path} is no file; a file is right")
    return open(number, "rb")


def _unreadable(path: Path, error: OSError) -> OutcomeError:
    return OutcomeError(f"the outcome {path} cannot be read: {error.strerror}; a file is right")


def _lead(line: bytes, provider: str | None, providers: Collection[str]) -> HeldLead | None:
    """Reads one line; None for an empty one, or one that is another provider's. Raises ValueError."""
    if not line.strip():
        return None
    lead, whose = _held(line, providers)
    return lead if whose is None or provider in (None, whose) else None


def _held(line: bytes, providers: Collection[str]) -> tuple[HeldLead, str | None]:
    """Reads one line, and the provider that it names. Raises ValueError with what is wrong with it."""
    try:
        lead = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8, which is right") from None
    except (ValueError, RecursionError) as error:
        reason = "too deep" if isinstance(error, RecursionError) else error
        raise ValueError(f"it is no JSON ({reason}); {_RIGHT}") from None
    if not isinstance(lead, dict):
        raise ValueError(f"it is {_kind(lead)}; {_RIGHT}")
    id = lead.get("id")
    if isinstance(id, int) and not isinstance(id, bool):
        id = str(id)
    if not isinstance(id, str) or not id:
        raise ValueError(f"its id is {_kind(id) if 'id' in lead else 'not there'}; {_RIGHT}")
    texts = {name: lead.get(name) for name in _MEMBERS}
    for name, text in texts.items():
        if not isinstance(text, str | None):
            raise ValueError(f"its {name} is {_kind(text)}; text is right, and null or no such member is not judged")
    whose = lead.get("provider")
    if not isinstance(whose, str | None):
        raise ValueError(f"its provider is {_kind(whose)}; text is right, and null or no such member is any provider")
    if whose is not None and providers and whose not in providers:
        raise ValueError(f"there is no provider {_short(whose)}; there is {', '.join(providers)}")
    members = {name: None if text is None else _whole(text) for name, text in texts.items()}
    return HeldLead(_whole(id), **members, parent=_parent(lead)), whose


def _parent(lead: dict[str, Any]) -> str | None:
    """Returns the parent that a line names, empty for null; None where it says nothing of one."""
    parent = lead.get("parent", "")
    if isinstance(parent, int) and not isinstance(parent, bool):
        parent = str(parent)
    if not isinstance(parent, str | None):
        raise ValueError(f"its parent is {_kind(parent)}; the id of a lead is right, and null is none")
    return _whole(parent or "") if "parent" in lead else None


def _whole(text: str) -> str:
    """Replaces half characters, which clients leave that cut texts: they cannot be written again."""
    return _LONE.sub("\N{REPLACEMENT CHARACTER}", text)


def _short(text: str) -> str:
    return repr(text if len(text) <= _MAX_NAME else text[: _MAX_NAME - 3] + "...")


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "an array", bool: "a boolean", int: "a number", float: "a number"}
    return kinds.get(type(value), "empty text" if value == "" else "text" if isinstance(value, str) else "null")
