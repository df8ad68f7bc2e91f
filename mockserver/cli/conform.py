"""The command `mockserver conform`."""

import gc
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.options import command_option, reading
from mockserver.cli.report_files import (
    WIDTH,
    ReportForm,
    ReportText,
    make_folder,
    make_room,
    opened,
    read_forms,
    with_annotations,
    write,
)
from mockserver.cli.report_writing import write_reports
from mockserver.cli.selftest import selftest
from mockserver.cli.sentences import FAULT_OF_OURS, sentences
from mockserver.cli.stopping import stoppable
from mockserver.cli.tables import width_of
from mockserver.foundation.bounds import LARGEST_ID
from mockserver.foundation.setting_values import read_pairs
from mockserver.foundation.settings import SettingsError

if TYPE_CHECKING:
    from mockserver.judge.command import Command

MAX_JOBS = 256


_option = partial(command_option, "CONFORM")
_file = click.Path(path_type=Path, dir_okay=False)


@click.command(context_settings={"allow_interspersed_args": False})
@_option("--provider", multiple=True, help="Only the drills of this provider; may be given again. Default: all.")
@_option(
    "--with",
    "others",
    multiple=True,
    metavar="PROVIDER[,…]",
    callback=lambda context, option, texts: [name for text in texts for name in text.split(",") if name],
    help="With --provider: give the client the variables of these, too, without judging it for them.",
)
@_option(
    "--scenario",
    multiple=True,
    metavar="NAME|FILE",
    help="Only this drill (or those of a pattern such as 'page*'), or a scenario of your own; may be given again. "
    "Default: the battery.",
)
@_option(
    "--battery", metavar="VERSION", help="Score by this frozen battery, such as 2026.12; what is newer is only shown."
)
@_option("--quick", is_flag=True, help="Only a few short drills, which are for everything that a client must do.")
@_option(
    "--env",
    multiple=True,
    metavar="NAME=TEMPLATE",
    callback=reading(lambda texts: read_pairs(texts, "NAME=TEMPLATE")),
    help="Variable for the client, such as API_URL={PROVIDER.base_url} or TOKEN_DIR={state_dir}; may be given again.",
)
@_option(
    "--agency",
    type=click.IntRange(0, LARGEST_ID),
    help="Agency that the client is told to look after. Default: one that has leads.",
)
@_option("--timeout", type=float, default=60, show_default=True, metavar="SECONDS", help="Most that a run may take.")
@_option(
    "--settle",
    type=float,
    default=5,
    show_default=True,
    metavar="SECONDS",
    help="How long a client that never ends must be quiet to be judged, and stopped.",
)
@_option(
    "--jobs",
    type=click.IntRange(1, MAX_JOBS),
    help="Drills at the same time. Default: as many as leave a core free, 4 at least and 16 at most.",
)
@_option(
    "--report",
    type=ReportText(),
    multiple=True,
    default=["console"],
    show_default=True,
    metavar="FORM[=FILE][,…]",
    callback=reading(read_forms),
    help="Any of console, json, junit, html, markdown, badge, github; may be given again. Without a file they go to "
    "conform.json, .xml, .html, .md and .badge.json in the folder of --runs-dir, else in this one; markdown to the "
    "summary of the job where there is one. github is annotations on standard error, and comes by itself in GitHub "
    "Actions.",
)
@_option(
    "--hosts",
    is_flag=True,
    help="Lead the client here when it calls the real hosts of the providers, and refuse every other host, by "
    "variables for Python, curl, Node, Java, PHP, Ruby and Go.",
)
@_option("--listen", metavar="ADDRESS", help="Address to listen on, for a client in a container. Default: 127.0.0.1.")
@_option(
    "--public-host",
    metavar="HOST",
    help="Name by which the client knows this machine, such as host.docker.internal. Default: the address above.",
)
@_option("--strict", is_flag=True, help="Count the other readings of what the documentation leaves open: else advice.")
@_option("--require-reached", is_flag=True, help="Fail, too, when the client never came to what a must is about.")
@_option("--baseline", type=_file, help="File of what is known to be broken: accepted, and a failure once it is held.")
@_option("--write-baseline", type=_file, help="Write what is broken now to such a file; the exit code is then 0.")
@_option(
    "--runs-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep state, outcome and output of each run here.",
)
@click.option("--list", "listed", is_flag=True, help="Show the battery instead: each drill, what it aims at, and why.")
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="With --list the obligations, too, with reason and document; else all assumptions.",
)
@click.option(
    "--selftest",
    "selftested",
    is_flag=True,
    help="Judge the judge instead: reference clients must be clean, and of clients with one bug each it must be named.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def conform(
    command: Sequence[str], listed: bool, selftested: bool, verbose: bool, report: list[ReportForm], **options: Any
) -> None:
    """Judge a client: run COMMAND through the battery, and tell which obligations it holds and which it breaks.

    \b
      mockserver conform -- python sync.py
      mockserver conform --report console,html -- node sync.js
      mockserver conform --env API_URL={PROVIDER.base_url} -- ./poller
      mockserver conform --list -v

    The client finds addresses and credentials in its environment, keeps its state in MOCKSERVER_STATE_DIR, and after
    each run writes the leads that it holds to MOCKSERVER_OUTCOME, one JSON object a line with their `id`.

    Exit codes: 0 all held, 1 findings, 2 wrong usage, 3 a fault of ours.
    """
    if selftested:
        if command:
            raise SettingsError("--selftest judges clients of ours; call it without a command")
        with sentences():
            sys.exit(selftest(options["provider"], options["jobs"]))
    if not listed and not command:
        raise SettingsError(
            "no client to judge; write its command behind --, as in: mockserver conform -- python sync.py"
        )
    with sentences():
        if listed:
            _list(options["provider"], options["scenario"], options["quick"], report, verbose)
            return
        sys.exit(_judge(command, report, verbose, **options))


def _judge(
    command: Sequence[str],
    forms: list[ReportForm],
    verbose: bool,
    *,
    timeout: float,
    settle: float,
    provider: tuple[str, ...],
    others: list[str],
    scenario: tuple[str, ...],
    quick: bool,
    battery: str | None,
    env: list[tuple[str, str]],
    agency: int | None,
    jobs: int | None,
    baseline: Path | None,
    write_baseline: Path | None,
    runs_dir: Path | None,
    strict: bool,
    require_reached: bool,
    hosts: bool,
    listen: str | None,
    public_host: str | None,
) -> int:
    """The exit code."""
    # Until the first drill; what is made before stays.
    gc.disable()
    from mockserver.judge.baseline import apply
    from mockserver.judge.baseline import write_baseline as as_baseline
    from mockserver.judge.baseline_file import load_baseline
    from mockserver.judge.client_access import ClientAccess
    from mockserver.judge.progress import bar
    from mockserver.judge.runner import judge_program

    accepted = None if baseline is None else load_baseline(baseline)
    files = [(form, form.file(runs_dir)) for form in with_annotations(forms)]
    make_folder(runs_dir)
    for path in (*(path for _, path in files), write_baseline):
        make_room(path)
    program = _command(command, timeout, settle, provider, scenario)
    with stoppable(program.stop), bar(sys.stderr.isatty()) as on_progress:
        report = judge_program(
            program,
            providers=provider,
            others=others,
            scenarios=scenario,
            templates=tuple(env),
            agency=agency,
            runs_dir=runs_dir,
            jobs=jobs,
            quick=quick,
            on_progress=on_progress,
            strict=strict,
            require_reached=require_reached,
            battery=battery,
            alone=True,
            access=ClientAccess(hosts, listen, public_host),
        )
    if accepted is not None:
        report = apply(accepted, report, whole=not (scenario or quick))
    code = report.exit_code
    if write_baseline is not None:
        write(write_baseline, as_baseline(report))
        code = FAULT_OF_OURS if code == FAULT_OF_OURS else 0
    write_reports(report, files, verbose=verbose)
    return code


def _command(
    words: Sequence[str], timeout: float, settle: float, providers: Sequence[str], scenarios: Sequence[str]
) -> "Command":
    """Returns the program. Raises ConformError, for a misspelt provider or scenario rather than for the program."""
    from mockserver.foundation.settings import Settings
    from mockserver.judge.command import Command
    from mockserver.judge.program import ProgramError
    from mockserver.judge.suite import battery
    from mockserver.server.app import providers_of

    try:
        return Command(words, timeout, settle)
    except ProgramError:
        battery(providers_of(Settings()), providers, scenarios)
        raise


def _list(
    providers: Sequence[str], scenarios: Sequence[str], quick: bool, forms: list[ReportForm], verbose: bool
) -> None:
    from rich.console import Console

    from mockserver.foundation.settings import Settings
    from mockserver.judge.listing import as_json, show
    from mockserver.judge.suite import battery, others
    from mockserver.server.app import providers_of

    if wrong := [form.name for form in forms if form.name not in ("console", "json")]:
        raise SettingsError(f"--list cannot be shown as {wrong[0]}; console or json is right")
    available = providers_of(Settings())
    drills = battery(available, providers, scenarios, quick=quick)
    outside = [] if scenarios or quick else others(available, providers)
    for form in forms:
        with opened(form.path) as file:
            if form.name == "json":
                click.echo(as_json(drills, outside), file=file)
            else:
                show(drills, verbose, Console(file=file, width=width_of(file, WIDTH), highlight=False), outside)
