"""Writes the reports of `mockserver conform` to their files and outputs, and the last line on standard error."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from mockserver.cli.report_files import WIDTH, ReportForm, opened, write
from mockserver.cli.tables import width_of

if TYPE_CHECKING:
    from mockserver.judge.report import Report

FormFiles: TypeAlias = Sequence[tuple[ReportForm, Path | None]]
"""The forms of a report, each with its file; None is an output of the command."""


def write_reports(report: "Report", files: FormFiles, *, verbose: bool) -> None:
    """Writes each form to its file, and the verdict once where people look. Raises SettingsError."""
    # Files first: who reads the console may have gone before its end.
    for form, path in sorted(files, key=lambda file: file[1] is None):
        _write_report(form.name, path, report, verbose)
    if not (report.exit_code and _is_beside_console(files)):
        click.echo(_last_line(report), err=True)


def _is_beside_console(files: FormFiles) -> bool:
    """Tells whether standard error goes where a report ends with the same verdict."""
    written = any(form.name == "console" and path is None for form, path in files)
    return written and sys.stdout.isatty() == sys.stderr.isatty()


def _write_report(form: str, path: Path | None, report: "Report", verbose: bool) -> None:
    from rich.console import Console

    from mockserver.judge.reports import FORMS, write_console

    if form == "console":
        with opened(path) as file:
            write_console(report, Console(file=file, width=width_of(file, WIDTH), highlight=False), verbose=verbose)
    elif path is not None:
        write(path, FORMS[form](report))
    else:
        # Runners read commands from both outputs, and standard output may be a report that a program reads.
        click.echo(FORMS[form](report), err=True, nl=False)


def _last_line(report: "Report") -> str:
    from mockserver.foundation.texts import counted
    from mockserver.judge.reports.wording import verdict

    return f"{counted(len(report.all_drills), 'drill')} in {report.seconds:.1f} s: {verdict(report)}"
