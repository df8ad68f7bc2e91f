"""The command `mockserver`."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from mockserver.cli.options import moment, option, port_pairs, read_config, split_pairs, webhook_options
from mockserver.contract.errors import ContractError
from mockserver.foundation.settings import Settings, SettingsError
from mockserver.foundation.version import __version__
from mockserver.world import WorldError

Pairs = dict[str, str]


def main() -> None:
    """Runs the command; exit code 2 and one sentence on standard error for what the user can mend."""
    try:
        cli()
    except (ContractError, WorldError, SettingsError) as error:
        click.echo(f"mockserver: {error}", err=True)
        sys.exit(2)


class _Commands(click.Group):
    """All commands; the judge of clients is imported when it is called for, so that a server does not pay for it."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted([*super().list_commands(context), "conform"])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name != "conform":
            return super().get_command(context, name)
        from mockserver.cli.conform import conform

        return conform


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mockserver")
def cli() -> None:
    """A faithful fake of French real-estate lead APIs, for programs that call them.

    \b
      mockserver serve                      the fake on http://127.0.0.1:8080; its page tells the rest
      mockserver fidelity                   how sure we are of each behaviour
      mockserver world show                 what is in the world that it shows
      mockserver world diff gsl seeker      what becomes of a lead for who moves to another provider
      mockserver conform -- COMMAND         whether a client does what a correct one does
      mockserver contracts lint             whether contracts and overlays can be served

    Exit codes: 0 fine, 1 findings of conform, 2 wrong usage or a contract, world or setting that cannot be used.
    """


_overlay = option(
    "--overlay",
    multiple=True,
    metavar="PROVIDER=FILE",
    callback=split_pairs(),
    help="OpenAPI Overlay 1.0 file that corrects a contract. May be given again; in the environment, with blanks "
    "in between.",
)
_world_options = [
    option("--world", default="default", show_default=True, help="Name of a world, or path of a world file."),
    option("--seed", type=int, help="Another seed than the world file's: other people, other estates."),
    option(
        "--now",
        metavar="MOMENT",
        callback=moment,
        help="ISO 8601 moment at which the clock stands still, so that two runs are the same to the byte. "
        "Without it the clock runs with real time.",
    ),
]


def _with(options: Iterable[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def decorate(function: Any) -> Any:
        for decorator in reversed(list(options)):
            function = decorator(function)
        return function

    return decorate


@cli.command()
@option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on. Off loopback /__admin wants a token."
)
@option("--port", default=8080, type=click.IntRange(0, 65535), show_default=True, help="Port; 0 takes a free one.")
@option(
    "--ports",
    metavar="PROVIDER=PORT[,…]",
    callback=port_pairs,
    help="Ports of their own for providers, each at the root, for clients that drop the path of their base URL.",
)
@_with(_world_options)
@_overlay
@option(
    "--variant",
    multiple=True,
    metavar="PROVIDER.NAME=VALUE",
    callback=split_pairs(),
    help="Another reading where the documentation leaves two; `mockserver contracts lint -v` lists them. "
    "May be given again; in the environment, with blanks in between.",
)
@option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Logs on stderr.")
@option("--admin-token", metavar="TOKEN", help="Token that /__admin wants; made and shown once when off loopback.")
@option(
    "--signing-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Private RSA key (PEM or JWK) for access tokens, instead of the development key that everybody knows.",
)
@option("--token-lifetime", type=click.IntRange(1), default=86_400, show_default=True, help="Seconds a token is good.")
@option("--body-limit", type=click.IntRange(1024), default=1024 * 1024, show_default=True, help="Most bytes of a body.")
@option("--journal-size", type=click.IntRange(1, 1_000_000), default=1000, show_default=True, help="Calls to keep.")
@option(
    "--store",
    metavar="memory|URL",
    default="memory",
    show_default=True,
    help="Where sandboxes are kept: sqlite:///FILE outlives the process, "
    "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE is shared by several servers, too.",
)
@option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that serve; more than one need a store that they share.",
)
@option(
    "--sandbox-limit",
    type=click.IntRange(0, 100_000),
    default=2_000,
    show_default=True,
    help="Most sandboxes beside the default one.",
)
@option(
    "--sandbox-idle",
    type=click.IntRange(0),
    default=3_600,
    show_default=True,
    help="Seconds without a call after which a sandbox is dropped; 0 is never. The default one stays.",
)
@option(
    "--prefer/--no-prefer",
    default=True,
    show_default=True,
    help="Whether a request may ask for a fault of its own with the header `Prefer`.",
)
@option(
    "--scenario", metavar="NAME|FILE", help="Scenario at work in the default sandbox: a name, or the path of a file."
)
@webhook_options
@click.option(
    "--config",
    envvar="MOCKSERVER_CONFIG",
    show_envvar=True,
    type=click.Path(path_type=Path),
    is_eager=True,
    expose_value=False,
    callback=read_config,
    help="TOML file with any of these settings; the environment and the command line win over it.",
)
def serve(
    overlay: Sequence[tuple[str, str]],
    variant: Sequence[tuple[str, str]],
    allow_webhook_host: tuple[str, ...],
    **given: Any,
) -> None:
    """Serve the fake until SIGTERM or Ctrl-C.

    The first line on standard output is one JSON object: `url`, `admin_token`, `pid`, and `origins` with --ports. Once
    it is there, connections are answered. Logs go to standard error.
    """
    from mockserver.foundation.logging import configure
    from mockserver.server.server import serve as run

    configure(given["log_format"])
    given["webhook_hosts"] = allow_webhook_host
    run(Settings(overlays=_overlays(overlay), variants=_variants(variant), **given))


@cli.group()
def contracts() -> None:
    """The OpenAPI documents that the fake is built on."""


@contracts.command()
@_overlay
@click.option("-v", "--verbose", is_flag=True, help="List the variants, their readings and defaults.")
def lint(overlay: Sequence[tuple[str, str]], verbose: bool) -> None:
    """Check that every contract, with its overlays, can be served.

    Features the loader does not support, operations without a handler, missing fidelity, dangling references, and
    published examples that break their own schema are named; the exit code is then 2.
    """
    from mockserver.contract.examples import check_examples
    from mockserver.providers.loading import load_providers

    for name, provider in load_providers(_load(overlay)).items():
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
@_overlay
def fidelity(provider: str | None, as_json: bool, overlay: Sequence[tuple[str, str]]) -> None:
    """Tell how sure we are of each behaviour: documented, observed, inferred or assumed, and by which source."""
    rows = [row for contract in _contracts(overlay) for row in contract.ledger if provider in (None, row.provider)]
    if not rows:
        raise SettingsError(f"there is no provider {provider!r}")
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], ensure_ascii=False, indent=2))
        return
    columns = ("provider", "operation", "subject", "level", "source")
    _table(columns, [tuple(row.as_dict()[column] for column in columns) for row in rows])


@cli.group()
def world() -> None:
    """The people, estates and enquiries that the fake shows."""


@world.command()
@_with(_world_options)
@click.option("--json", "as_json", is_flag=True, help="JSON instead of tables.")
def show(as_json: bool, **given: Any) -> None:
    """Show what is in a world: agencies, how much they have, an example of each kind, credentials, pinned values."""
    from mockserver.cli.world_summary import summarize
    from mockserver.server.app import build

    summary = summarize(build(Settings(**given)))
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
            _table(tuple(rows[0]), [tuple(str(value) for value in row.values()) for row in rows])
            click.echo()


@world.command()
@click.argument("old")
@click.argument("new")
@_with(_world_options)
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def diff(old: str, new: str, as_json: bool, **given: Any) -> None:
    """Tell what becomes of each member of a lead for who moves from provider OLD to provider NEW.

    same: the same pointer and value; renamed: elsewhere, or in other words; lossy: NEW does not tell apart what OLD
    did; no counterpart: only one of the two shows it.
    """
    from mockserver.cli.provider_diff import compare
    from mockserver.server.app import build

    rows = compare(build(Settings(**given)), old, new)
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], ensure_ascii=False, indent=2))
        return
    columns = ("member", old, new, "becomes")
    _table(columns, [(row.member, "\n".join(row.here), "\n".join(row.there), row.relation) for row in rows])


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    # Imported here: serving must not pay for it.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    terminal = sys.stdout.isatty()
    Console(width=None if terminal else 240, highlight=False).print(table)


def _overlays(pairs: Sequence[tuple[str, str]]) -> dict[str, tuple[Path, ...]]:
    overlays: dict[str, tuple[Path, ...]] = {}
    for provider, file in pairs:
        overlays[provider] = (*overlays.get(provider, ()), Path(file))
    return overlays


def _variants(pairs: Sequence[tuple[str, str]]) -> dict[str, Pairs]:
    variants: dict[str, Pairs] = {}
    for name, value in pairs:
        provider, dot, variant = name.partition(".")
        if not dot:
            raise SettingsError(f"variant {name!r} does not say whose it is; write PROVIDER.NAME=VALUE")
        variants.setdefault(provider, {})[variant] = value
    return variants


def _load(overlay: Sequence[tuple[str, str]]) -> Callable[[str], Any]:
    from mockserver.providers.loading import provider_names
    from mockserver.server.app import read_contract

    settings = Settings(overlays=_overlays(overlay))
    if unknown := sorted(set(settings.overlays) - set(provider_names())):
        raise SettingsError(f"there is no provider {unknown[0]!r}; there is {', '.join(provider_names())}")
    return lambda name: read_contract(name, settings)


def _contracts(overlay: Sequence[tuple[str, str]]) -> list[Any]:
    from mockserver.providers.loading import provider_names

    load = _load(overlay)
    return [load(name) for name in provider_names()]
