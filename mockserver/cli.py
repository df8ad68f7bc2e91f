"""The command `mockserver`."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from mockserver import __version__
from mockserver.clock import parse_moment
from mockserver.contract.errors import ContractError
from mockserver.settings import Settings, SettingsError
from mockserver.world import WorldError

Pairs = dict[str, str]
_YEAR_2200 = 7_258_118_400
"""A world reaches years back and ahead of its clock; calendars end before Python's integers do."""


def main() -> None:
    """Runs the command; exit code 2 and one sentence on standard error for what the user can mend."""
    try:
        cli()
    except (ContractError, WorldError, SettingsError) as error:
        click.echo(f"mockserver: {error}", err=True)
        sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mockserver")
def cli() -> None:
    """A faithful fake of French real-estate lead APIs, for programs that call them.

    \b
      mockserver serve                      the fake on http://127.0.0.1:8080; its page tells the rest
      mockserver fidelity                   how sure we are of each behaviour
      mockserver world show                 what is in the world that it shows
      mockserver contracts lint             whether contracts and overlays can be served

    Exit codes: 0 fine, 2 wrong usage or a contract, world or setting that cannot be used.
    """


def _pairs(separator: str | None = None) -> Callable[[click.Context, click.Parameter, Any], list[tuple[str, str]]]:
    """A callback that splits NAME=VALUE options, given many times or with commas in between."""

    def split(context: click.Context, parameter: click.Parameter, value: Any) -> list[tuple[str, str]]:
        texts = [value] if isinstance(value, str) else list(value or ())
        parts = [part for text in texts for part in (text.split(separator) if separator else [text]) if part.strip()]
        pairs = [
            (name.strip(), rest.strip()) for name, equals, rest in (part.partition("=") for part in parts) if equals
        ]
        if len(pairs) < len(parts) or any(not name or not rest for name, rest in pairs):
            raise click.BadParameter(f"{value!r} is not of the form {parameter.metavar}")
        return pairs

    return split


def _moment(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    try:
        moment = None if value is None else parse_moment(value)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(str(error)) from None
    if moment is not None and not 0 <= moment < _YEAR_2200:
        raise click.BadParameter(f"{value!r} is out of range; a moment from 1970 to 2199 is needed")
    return moment


def _port_pairs(context: click.Context, parameter: click.Parameter, value: Any) -> dict[str, int]:
    pairs = _pairs(",")(context, parameter, value)
    if wrong := next((text for _, text in pairs if not text.isdecimal() or int(text) > 65535), None):
        raise click.BadParameter(f"{wrong!r} is not a port (0 to 65535; 0 takes a free one)")
    return {name: int(port) for name, port in pairs}


def _read_config(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    """Values of a TOML file become defaults: the environment and the command line win over them."""
    if value is None:
        return
    import tomllib

    try:
        content = tomllib.loads(value.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise click.BadParameter(f"{value} cannot be read as TOML: {error}") from None
    names = {option.name for option in context.command.params} - {"config"}
    given = {name.replace("-", "_"): entry for name, entry in content.items()}
    if unknown := sorted(given.keys() - names):
        known = ", ".join(sorted(name.replace("_", "-") for name in names if name))
        raise click.BadParameter(f"{value}: {unknown[0]!r} is not a setting; known are {known}")
    many = {option.name for option in context.command.params if getattr(option, "multiple", False)}
    given = {name: _flat(entry, name in many) for name, entry in given.items()}
    context.default_map = {**(context.default_map or {}), **given}


def _flat(entry: Any, many: bool) -> Any:
    """What a TOML file may say in a table, in the form of the command line: `[variant.apimo]`, `[ports]`."""
    if not isinstance(entry, dict):
        return [entry] if many and isinstance(entry, str) else entry
    pairs = [
        f"{name}.{inner}={value}" if isinstance(entry[name], dict) else f"{name}={value}"
        for name in entry
        for inner, value in (entry[name].items() if isinstance(entry[name], dict) else [("", entry[name])])
    ]
    return pairs if many else ",".join(pairs)


def _option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    """An option that `MOCKSERVER_<NAME>` in the environment can set, too."""
    environment = "MOCKSERVER_" + names[0].lstrip("-").replace("-", "_").upper()
    return click.option(*names, envvar=environment, show_envvar=True, **settings)


_overlay = _option(
    "--overlay",
    multiple=True,
    metavar="PROVIDER=FILE",
    callback=_pairs(),
    help="OpenAPI Overlay 1.0 file that corrects a contract. May be given again; in the environment, with blanks "
    "in between.",
)
_world_options = [
    _option("--world", default="default", show_default=True, help="Name of a world, or path of a world file."),
    _option("--seed", type=int, help="Another seed than the world file's: other people, other estates."),
    _option(
        "--now",
        metavar="MOMENT",
        callback=_moment,
        help="ISO 8601 moment at which the clock stands still, so that two runs are the same to the byte. "
        "Without it the clock runs with real time.",
    ),
]


def _with(options: Iterable[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def decorate(function: Any) -> Any:
        for option in reversed(list(options)):
            function = option(function)
        return function

    return decorate


@cli.command()
@_option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on. Off loopback /__admin wants a token."
)
@_option("--port", default=8080, type=click.IntRange(0, 65535), show_default=True, help="Port; 0 takes a free one.")
@_option(
    "--ports",
    metavar="PROVIDER=PORT[,…]",
    callback=_port_pairs,
    help="Ports of their own for providers, each at the root, for clients that drop the path of their base URL.",
)
@_with(_world_options)
@_overlay
@_option(
    "--variant",
    multiple=True,
    metavar="PROVIDER.NAME=VALUE",
    callback=_pairs(),
    help="Another reading where the documentation leaves two; `mockserver contracts lint -v` lists them. "
    "May be given again; in the environment, with blanks in between.",
)
@_option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Logs on stderr.")
@_option("--admin-token", metavar="TOKEN", help="Token that /__admin wants; made and shown once when off loopback.")
@_option(
    "--signing-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Private RSA key (PEM or JWK) for access tokens, instead of the development key that everybody knows.",
)
@_option("--token-lifetime", type=click.IntRange(1), default=86_400, show_default=True, help="Seconds a token is good.")
@_option(
    "--body-limit", type=click.IntRange(1024), default=1024 * 1024, show_default=True, help="Most bytes of a body."
)
@_option("--journal-size", type=click.IntRange(1, 1_000_000), default=1000, show_default=True, help="Calls to keep.")
@click.option(
    "--config",
    envvar="MOCKSERVER_CONFIG",
    show_envvar=True,
    type=click.Path(path_type=Path),
    is_eager=True,
    expose_value=False,
    callback=_read_config,
    help="TOML file with any of these settings; the environment and the command line win over it.",
)
def serve(overlay: Sequence[tuple[str, str]], variant: Sequence[tuple[str, str]], **given: Any) -> None:
    """Serve the fake until SIGTERM or Ctrl-C.

    The first line on standard output is one JSON object: `url`, `admin_token`, `pid`, and `origins` with --ports. Once
    it is there, connections are answered. Logs go to standard error.
    """
    from mockserver.logs import configure
    from mockserver.server import serve as run

    configure(given["log_format"])
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
    from mockserver.loading import load_providers

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
    from mockserver.app import build
    from mockserver.summary import summarize

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
    from mockserver.app import read_contract
    from mockserver.loading import provider_names

    settings = Settings(overlays=_overlays(overlay))
    if unknown := sorted(set(settings.overlays) - set(provider_names())):
        raise SettingsError(f"there is no provider {unknown[0]!r}; there is {', '.join(provider_names())}")
    return lambda name: read_contract(name, settings)


def _contracts(overlay: Sequence[tuple[str, str]]) -> list[Any]:
    from mockserver.loading import provider_names

    load = _load(overlay)
    return [load(name) for name in provider_names()]
