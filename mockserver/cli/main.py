"""The command `mockserver`."""

import gc
import json
import sys
from collections.abc import Mapping
from errno import ENOSPC
from importlib import import_module
from typing import Any

import click

from mockserver.cli.options import RepeatableCommand, config_option, setting_options, settings_from, sources_again
from mockserver.cli.streams import close_output, prepare_streams
from mockserver.cli.tables import print_table
from mockserver.cli.world_check import check
from mockserver.contract.errors import ContractError
from mockserver.foundation.settings import Settings, SettingsError
from mockserver.foundation.suggestions import hint
from mockserver.foundation.version import __version__
from mockserver.world import WorldError


def main() -> None:
    """Runs the command; exit code 2 and one sentence on standard error for what the user can mend."""
    prepare_streams()
    try:
        cli()
    except (ContractError, WorldError, SettingsError) as error:
        click.echo(f"mockserver: {error}", err=True)
        sys.exit(2)
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        # What is still to be written has no room either, and would fail once more at the end.
        close_output()
        click.echo("mockserver: the output cannot be written: no space is left where it goes", err=True)
        sys.exit(1)


_LATER = ("capsule", "conform", "docs", "exec", "ready", "schema", "tail")
"""Commands that are imported when they are called for, each from a module of its name."""


class _Commands(click.Group):
    """All commands; the judge of clients is imported when it is called for, so that a server does not pay for it."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted([*super().list_commands(context), *_LATER])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _LATER:
            return super().get_command(context, name)
        command: click.Command = getattr(import_module(f"mockserver.cli.{name}"), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mockserver")
def cli() -> None:
    """A faithful fake of French real-estate lead APIs, for programs that call them.

    \b
      mockserver serve                      the fake on http://127.0.0.1:8080; its page tells the rest
      mockserver exec -- COMMAND            the fake for as long as a command runs, such as the tests of a client
      mockserver ready --wait 30s           whether a server is ready, for health checks
      mockserver tail                       each call that a server answers, as a line
      mockserver fidelity                   how sure we are of each behaviour
      mockserver world show                 what is in the world that it shows
      mockserver world check                whether a person would believe it
      mockserver world diff gsl seeker      what becomes of a lead for who moves to another provider
      mockserver conform -- COMMAND         whether a client does what a correct one does
      mockserver docs PAGE-04               what an obligation of clients is, why, and what to change
      mockserver capsule save FILE          a sandbox in one file, to hand over; `serve --capsule FILE` goes on there
      mockserver contracts lint             whether contracts and overlays can be served
      mockserver schema world               the JSON Schema of a kind of file, for an editor

    Exit codes: 0 fine, 1 findings of conform or world check, 2 wrong usage or a contract, world or setting that cannot
    be used.
    """


_world_options = setting_options("world", "seed", "now")
_overlay_option = setting_options("overlays")


@cli.command(cls=RepeatableCommand)
@setting_options()
@click.option(
    "--watch",
    is_flag=True,
    envvar="MOCKSERVER_WATCH",
    show_envvar=True,
    help="Follow the files of world, overlays, scenario and configuration: a change is there at the next call.",
)
@config_option
def serve(watch: bool, **options: Any) -> None:
    """Serve the fake until SIGTERM or Ctrl-C.

    The first line on standard output is one JSON object: `url`, `admin_token`, `pid`, and `origins` with --ports. Once
    it is there, connections are answered. Logs go to standard error.
    """
    # Until the server is ready, which stays as it is from then on.
    gc.disable()
    from mockserver.foundation.logging import configure
    from mockserver.server.server import serve as run

    settings = settings_from(options)
    configure(settings.log_format, settings.log_level)
    run(settings, sources_again() if watch else None)


@cli.group()
def contracts() -> None:
    """The OpenAPI documents that the fake is built on."""


@contracts.command()
@_overlay_option
@click.option("-v", "--verbose", is_flag=True, help="List the variants, their readings and defaults.")
def lint(verbose: bool, **options: Any) -> None:
    """Check that every contract, with its overlays, can be served.

    Features the loader does not support, operations without a handler, missing fidelity, dangling references,
    published examples that break their own schema, and statements of ours that are called documented or observed and
    cite no line or section that there is, or are of an operation that is assumed, and enumerations of ours without a
    type, are named; the exit code is then 2.
    """
    from mockserver.contract.enum_types import check_enum_types
    from mockserver.contract.examples import check_examples
    from mockserver.contract.sources import check_citations
    from mockserver.server.app import providers_of, read_contracts

    # Of the contracts as they come with the package: who corrects one with an overlay cites documents of their own.
    shipped = read_contracts(Settings()).values()
    check_citations(row for contract in shipped for row in contract.ledger)
    for contract in shipped:
        check_enum_types(contract.document)
    for name, provider in providers_of(_contract_settings(options)).items():
        contract = provider.contract
        examples = check_examples(contract.document)
        click.echo(
            f"{name}: fine - {len(contract.operations)} operations, {len(contract.variants)} variants, "
            f"{len(contract.ledger)} ledger rows, {examples} examples"
        )
        for variant in contract.variants.values() if verbose else ():
            click.echo(f"  {name}.{variant.name}: {variant.about}")
            for value, meaning in variant.values.items():
                click.echo(f"    {value}{' (default)' if value == variant.default else ''}: {meaning}")


@cli.command()
@click.option("--provider", help="Only this provider.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
@_overlay_option
def fidelity(provider: str | None, as_json: bool, **options: Any) -> None:
    """Tell how sure we are of each behaviour: documented, observed, inferred or assumed, and by which source.

    The table has what a contract states. JSON has a row for each member, bound and description as well that is as
    sure as what it stands in.
    """
    from mockserver.providers.contracts import provider_names
    from mockserver.server.app import read_contracts

    contracts = read_contracts(_contract_settings(options)).values()
    rows = [row for contract in contracts for row in contract.ledger if provider in (None, row.provider)]
    if not rows:
        raise SettingsError(f"there is no provider {provider!r}; {hint(str(provider), provider_names())}")
    if as_json:
        everything = [{**row.as_dict(), "inherited": row.inherited} for row in rows]
        click.echo(json.dumps(everything, ensure_ascii=False, indent=2))
        return
    stated = [row.as_dict() for row in rows if not row.inherited]
    columns = ("provider", "operation", "subject", "level", "source")
    print_table(columns, [tuple(row[column] for column in columns) for row in stated])


@cli.group()
def world() -> None:
    """The people, estates and enquiries that the fake shows."""


world.add_command(check)


@world.command()
@_world_options
@click.option("--json", "as_json", is_flag=True, help="JSON instead of tables.")
def show(as_json: bool, **options: Any) -> None:
    """Show what is in a world: agencies, how much they have, an example of each kind, credentials, pinned values."""
    from mockserver.cli.world_summary import summarize
    from mockserver.server.app import build

    summary = summarize(build(settings_from(options)))
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False, indent=2))
        return
    about = summary["world"]
    click.echo(
        f"World {about['name']}, seed {about['seed']}: {about['about']}\nTimes are laid back from {about['origin']}.\n"
    )
    for title in ("agencies", "credentials", "examples", "pins"):
        if rows := summary[title]:
            click.echo(title.capitalize())
            print_table(tuple(rows[0]), [tuple(str(value) for value in row.values()) for row in rows])
            click.echo()


@world.command()
@click.argument("old")
@click.argument("new")
@_world_options
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def diff(old: str, new: str, as_json: bool, **options: Any) -> None:
    """Tell what becomes of each member of a lead for who moves from provider OLD to provider NEW.

    same: the same pointer and value; renamed: elsewhere, or in other words; lossy: NEW does not tell apart what OLD
    did; no counterpart: only one of the two shows it.
    """
    from mockserver.cli.provider_diff import compare
    from mockserver.server.app import build

    rows = compare(build(settings_from(options)), old, new)
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], ensure_ascii=False, indent=2))
        return
    columns = ("member", old, new, "becomes")
    print_table(columns, [(row.member, "\n".join(row.here), "\n".join(row.there), row.relation) for row in rows])


def _contract_settings(options: Mapping[str, Any]) -> Settings:
    """Settings with overlays. Raises SettingsError for one of an unknown provider."""
    from mockserver.providers.contracts import provider_names

    settings = settings_from(options)
    if unknown := sorted(set(settings.overlays) - set(provider_names())):
        raise SettingsError(f"there is no provider {unknown[0]!r}; {hint(unknown[0], provider_names())}")
    return settings
