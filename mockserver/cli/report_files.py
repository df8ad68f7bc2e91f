"""The forms of a report, of `mockserver conform` and of `mockserver exec`, and the files that they are written to."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from click.types import StringParamType

from mockserver.foundation.settings import SettingsError

FORMS = {
    "console": None,
    "json": "conform.json",
    "junit": "conform.xml",
    "html": "conform.html",
    "markdown": "conform.md",
    "badge": "conform.badge.json",
    "github": None,
}
"""The forms of a report of `mockserver conform`, and the files that they go to when none is named; None is an output of
the command."""
EXEC_FORMS = {"har": "exec.har", "json": "exec.json", "junit": "exec.xml", "markdown": "exec.md"}
"""The same of `mockserver exec`."""
SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable of GitHub Actions with the file to which a step adds its summary."""
WIDTH = 120
"""Columns where there is no terminal."""


class ReportForm(NamedTuple):
    """A form of the report that was asked for."""

    name: str
    path: Path | None
    """None is the usual file of this form."""
    usual: str | None = None
    """The name of that; None is an output of the command."""

    def file(self, folder: Path | None) -> Path | None:
        """The file that the report goes to, by default in that folder, else in this one; None is an output."""
        if self.name == "markdown" and self.path is None and (summary := os.environ.get(SUMMARY)):
            return Path(summary)
        return self.path or (None if self.usual is None else (folder or Path()) / self.usual)


class ReportText(StringParamType):
    """The type of the option; in a variable of the environment a comma parts several, as file names may have blanks."""

    envvar_list_splitter = ","


def read_forms(texts: Iterable[str], names: Mapping[str, str | None] = FORMS) -> list[ReportForm]:
    """Forms from texts such as `console,junit=report.xml`. Raises ValueError."""
    forms: list[ReportForm] = []
    for part in filter(None, map(str.strip, ",".join(texts).split(","))):
        name, equals, path = part.partition("=")
        if name not in names or (equals and not path):
            raise ValueError(f"{part!r} is none of {', '.join(names)}, or one of them with =FILE")
        form = ReportForm(name, Path(path) if path else None, names[name])
        for other in forms:
            if other.name != name and form.path is not None and other.path == form.path and not _is_device(form.path):
                raise ValueError(f"{path} is the file of {other.name} and of {name}; each needs one of its own")
        forms.append(form)
    return forms


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()


def with_annotations(forms: list[ReportForm]) -> list[ReportForm]:
    """Adds the annotations where a job of GitHub Actions runs the command."""
    if os.environ.get("GITHUB_ACTIONS") != "true" or any(form.name == "github" for form in forms):
        return forms
    return [*forms, ReportForm("github", None)]


@contextmanager
def opened(path: Path | None) -> Iterator[Any]:
    """A file to print to; None is standard output."""
    if path is None:
        yield sys.stdout
        return
    make_room(path)
    with path.open("w", encoding="utf-8") as file:
        yield file


def make_room(path: Path | None) -> None:
    """Makes the folder of a file, before a battery has run for a minute in vain. Raises SettingsError."""
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}; name a file") from None


def make_folder(path: Path | None) -> None:
    """Makes the folder of the runs, for the same reason. Raises SettingsError."""
    if path is None:
        return
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"--runs-dir {path} cannot be made: {error.strerror}; name another folder") from None


def write(path: Path, text: str) -> None:
    """Writes a file, or adds to the one that a job collects its summary in. Raises SettingsError."""
    # A command such as `make clean` may have removed the folder since it was made.
    make_room(path)
    try:
        with path.open("a" if str(path) == os.environ.get(SUMMARY) else "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from None
