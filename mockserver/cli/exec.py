"""The command `mockserver exec`."""

import logging
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from mockserver.cli.command_host import CommandWishes, prepared, run_beside
from mockserver.cli.options import command_option, config_option, reading, setting_options, settings_from
from mockserver.cli.report_files import EXEC_FORMS, ReportForm, ReportText, make_room, read_forms
from mockserver.cli.sentences import sentences
from mockserver.foundation.bounds import LARGEST_ID
from mockserver.foundation.clock import real_time, stopwatch
from mockserver.foundation.setting_values import read_pairs
from mockserver.foundation.settings import Settings, SettingsError

BROKEN = 1
"""The exit code when a contract was broken, and nothing else was wrong."""
NOT_WRITTEN = 2
"""The exit code when a report cannot be written, and nothing was wrong with the command."""


_option = partial(command_option, "EXEC")


@click.command(context_settings={"allow_interspersed_args": False})
@_option(
    "--env",
    multiple=True,
    metavar="NAME=TEMPLATE",
    callback=reading(lambda texts: read_pairs(texts, "NAME=TEMPLATE")),
    help="Variable for the command, such as API_URL={PROVIDER.base_url} or FAKE={url}; may be given again.",
)
@_option(
    "--agency",
    type=click.IntRange(0, LARGEST_ID),
    help="Agency that the variables name. Default: the first one that is granted.",
)
@_option(
    "--hosts",
    is_flag=True,
    help="Lead the calls of the command to the real hosts of the providers here, with HTTPS, and refuse every other "
    "host, by variables for Python, curl, Node, Java, PHP, Ruby and Go.",
)
@_option(
    "--isolate",
    is_flag=True,
    help="The same for a command that looks at no variable: in a network of its own (Linux), in which the real hosts "
    "are this machine, and no other is there.",
)
@_option("--strict", is_flag=True, help="Fail when a call broke the contract of its provider.")
@_option(
    "--report",
    type=ReportText(),
    multiple=True,
    metavar="FORM[=FILE][,…]",
    callback=reading(lambda texts: read_forms(texts, EXEC_FORMS)),
    help="Write what was called: any of har, json, junit, markdown; may be given again. Without a file they go to "
    "exec.har, .json, .xml and .md in this folder; markdown to the summary of the job where there is one.",
)
@setting_options(port=0)
@config_option
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def exec(
    command: Sequence[str],
    strict: bool,
    report: list[ReportForm],
    hosts: bool,
    isolate: bool,
    env: list[tuple[str, str]],
    agency: int | None,
    **options: Any,
) -> None:
    """Run COMMAND beside the fake, which starts before it and stops after it.

    \b
      mockserver exec -- pytest
      mockserver exec --strict -- npm test
      mockserver exec --env API_URL={PROVIDER.base_url} --world small -- ./sync

    COMMAND finds addresses and credentials in its environment, as with `mockserver conform`, and MOCKSERVER_URL and
    MOCKSERVER_ADMIN_URL. Its streams, its terminal and the signals to this process are its own. What it leaves running
    is ended.

    Exit codes: that of COMMAND (128 and the number of the signal that ended it; 127 when it is not there, 126 when it
    cannot be run); 1 with --strict when a contract was broken and COMMAND ended with 0; 2 wrong usage; 3 a fault of
    ours.
    """
    if not command:
        raise SettingsError("no command to run; write it behind --, as in: mockserver exec -- pytest")
    with sentences():
        settings = settings_from(options)
        if settings.workers > 1:
            raise SettingsError(
                f"`mockserver exec` serves in one process, and {settings.workers} workers are too many; "
                "`--workers 1` is right"
            )
        _log_little(settings)
        if hosts or isolate:
            settings = replace(settings, tls=True)
        files = {form.name: path for form in report if (path := form.file(None))}
        for path in files.values():
            make_room(path)
        is_recorded, hosts = strict or bool(files), hosts or isolate
        wishes = CommandWishes(tuple(env), agency, is_recorded=is_recorded, hosts=hosts, isolate=isolate)
        sys.exit(_run(command, settings, wishes, files, strict=strict))


def _log_little(settings: Settings) -> None:
    """Leaves standard error to the command, but for warnings."""
    from mockserver.foundation.logging import configure

    configure(settings.log_format, settings.log_level)
    if settings.log_level == "info":
        logging.getLogger("mockserver").setLevel(logging.WARNING)


def _run(
    words: Sequence[str], settings: Settings, wishes: CommandWishes, files: Mapping[str, Path], *, strict: bool
) -> int:
    """The exit code."""
    from mockserver.cli.call_summary import command_run, summary, write_call_reports
    from mockserver.cli.supervisor import CommandNotStarted

    with prepared(settings, wishes) as place:
        began, watch = real_time(), stopwatch()
        try:
            code = run_beside(words, place, wishes)
        except CommandNotStarted as error:
            click.echo(f"mockserver: {error}", err=True)
            return error.exit_code
        seconds = stopwatch() - watch
        is_led = wishes.hosts and not wishes.isolate
        for line in place.server.call(lambda: list(summary(place.server, place.record, is_led=is_led))):
            click.echo(line, err=True)
        if place.record is not None and files:
            run = command_run(place.server, place.record, shlex.join(words), code, began, seconds)
            try:
                write_call_reports(place.server, run, files)
            except SettingsError as error:
                click.echo(f"mockserver: {error}", err=True)
                return code or NOT_WRITTEN
    is_broken = place.record is not None and place.record.total_broken
    return BROKEN if strict and is_broken and not code else code
