"""What a client finds in its environment, and the outcome that it leaves in the file named there."""

import json
import os
import re
import shutil
import stat
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from mockserver.judge.evidence import HeldLead
from mockserver.judge.program import ConformError

PREFIX = "MOCKSERVER_"
"""How the variables begin that no provider has."""
OWN = ("now", "state_dir", "outcome", "webhook_port")
"""The names of all of these in a template."""
LARGEST = 64 * 1024 * 1024
"""Bytes of an outcome."""
_MEMBERS = ("email", "phone", "name", "message")
_RIGHT = 'one JSON object a line with the "id" of a lead is right, such as {"id": "4711", "email": "a@example.org"}'
_LONGEST_NAME = 60
"""Characters of a name that is not known, in a sentence about it."""
_LONE = re.compile("[\ud800-\udfff]")


class OutcomeError(ConformError):
    """An outcome that cannot be read; the message names the line and what would be right."""


def variables(
    environments: Mapping[str, Mapping[str, str]],
    own: Mapping[str, str],
    templates: Iterable[tuple[str, str]] = (),
) -> dict[str, str]:
    """The environment of a client: the variables of each provider, our own (`MOCKSERVER_NOW` …), and the mapped ones.

    A template is text with `{provider.variable}` or one of ours in it, such as `{now}`; a brace itself is doubled. One
    that names the port of webhooks is left out where there is none. Raises ConformError.
    """
    known = {
        f"{provider}.{name.removeprefix(f'{provider.upper()}_').lower()}": value
        for provider, environment in environments.items()
        for name, value in environment.items()
    }
    known |= {name.removeprefix(PREFIX).lower(): value for name, value in own.items()}
    given = {name: value for environment in environments.values() for name, value in environment.items()}
    mapped = {name: _fill(name, template, known) for name, template in templates}
    return {**given, **own, **{name: value for name, value in mapped.items() if value is not None}}


def _fill(name: str, template: str, known: Mapping[str, str]) -> str | None:
    where = f"environment {name}={template}"
    if not name or name.upper().startswith(PREFIX) or re.search(r"[=\0]", name):
        raise ConformError(f"{where}: {name!r} cannot be set; a name that does not begin with {PREFIX} is right")
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise ConformError(f"{where}: {error}; write {{{{ and }}}} for braces that are text") from None
    text = []
    for literal, field, form, conversion in parts:
        text.append(literal)
        if field is None:
            continue
        if form or conversion or (field not in known and field not in OWN):
            said = field + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
            raise ConformError(f"{where}: there is no {{{said}}}; there is {_names(field, known)}")
        if field not in known:
            return None
        text.append(known[field])
    return "".join(text)


def _names(field: str, known: Mapping[str, str]) -> str:
    """Those of the provider that is meant, if it can be told, and ours."""
    theirs = sorted(name for name in known if "." in name)
    meant = [name for name in theirs if name.partition(".")[0] == field.partition(".")[0]]
    return ", ".join(f"{{{name}}}" for name in [*(meant or theirs), *OWN])


def clear_outcome(path: Path) -> None:
    """Removes what a client left there, whatever it is; a link goes, and not what it names. Raises ConformError."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise ConformError(f"{path} cannot be removed: {error.strerror}; remove it, or name another folder") from None


def read_outcome(path: Path, provider: str | None = None, known: Collection[str] = ()) -> tuple[HeldLead, ...] | None:
    """The leads that a client says it holds; None when it wrote nothing. Raises OutcomeError.

    With a provider, lines that say in `provider` that they are another one's are left out. `known` are the providers
    that there are; where none are given, any may be said.
    """
    content = _content(path)
    if content is None:
        return None
    held: list[HeldLead] = []
    wrong: list[str] = []
    # Only the line feed ends a line: JSON may have the other ends, such as U+2028, in its texts.
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if line.strip():
            try:
                lead, whose = _held(line, known)
                if whose is None or provider in (None, whose):
                    held.append(lead)
            except ValueError as error:
                wrong.append(f"line {number} of the outcome: {error}")
    if wrong:
        more = f" (and {len(wrong) - 1} more such lines)" if len(wrong) > 1 else ""
        raise OutcomeError(wrong[0] + more)
    return tuple(held)


def _content(path: Path) -> bytes | None:
    """What is in a file; None when it is not there. Nothing else is read: a pipe would never end, nor a device."""
    # Where there is such a flag, nobody has to be at the other end of a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        number = os.open(path, flags)
        if not stat.S_ISREG(os.fstat(number).st_mode):
            os.close(number)
            raise OutcomeError(f"the outcome {path} is no file; a file is right")
        with open(number, "rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutcomeError(f"the outcome {path} cannot be read: {error.strerror}; a file is right") from None
    if len(content) > LARGEST:
        raise OutcomeError(f"the outcome has more than {LARGEST} bytes, which are the most that are read")
    return content


def _held(line: bytes, known: Collection[str]) -> tuple[HeldLead, str | None]:
    """One line, and whose lead it says it is. ValueError says what is wrong with it."""
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
    if whose is not None and known and whose not in known:
        raise ValueError(f"there is no provider {_short(whose)}; there is {', '.join(known)}")
    return HeldLead(_whole(id), **{name: None if text is None else _whole(text) for name, text in texts.items()}), whose


def _whole(text: str) -> str:
    """Half a character, as a client leaves it that cuts texts, is none that can be written again."""
    return _LONE.sub("\N{REPLACEMENT CHARACTER}", text)


def _short(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 3] + "...")


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "an array", bool: "a boolean", int: "a number", float: "a number"}
    return kinds.get(type(value), "empty text" if value == "" else "text" if isinstance(value, str) else "null")
