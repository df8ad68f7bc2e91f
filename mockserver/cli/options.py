"""Options of the command line, which the environment and a TOML file can set, too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mockserver.foundation.clock import parse_moment
from mockserver.foundation.settings import LONGEST_TIMEOUT, check_header
from mockserver.sandbox.webhooks import parse_retries

_YEAR_2200 = 7_258_118_400
"""A world reaches years back and ahead of its clock; calendars end before Python's integers do."""


def split_pairs(separator: str | None = None) -> Callable[[click.Context, click.Parameter, Any], list[tuple[str, str]]]:
    """A callback that splits NAME=VALUE options, given many times or with commas in between."""

    def split(context: click.Context, parameter: click.Parameter, value: Any) -> list[tuple[str, str]]:
        texts = [value] if isinstance(value, str) else list(value or ())
        parts = [part for text in texts for part in (text.split(separator) if separator else [text]) if part.strip()]
        pairs = [(name.strip(), rest.strip()) for name, _, rest in (part.partition("=") for part in parts)]
        if wrong := [part for part, (name, rest) in zip(parts, pairs, strict=True) if not name or not rest]:
            raise click.BadParameter(f"{wrong[0]!r} is not of the form {parameter.metavar}")
        return pairs

    return split


def moment(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    try:
        moment = None if value is None else parse_moment(value)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(str(error)) from None
    if moment is not None and not 0 <= moment < _YEAR_2200:
        raise click.BadParameter(f"{value!r} is out of range; a moment from 1970 to 2199 is needed")
    return moment


def port_pairs(context: click.Context, parameter: click.Parameter, value: Any) -> dict[str, int]:
    pairs = split_pairs(",")(context, parameter, value)
    if wrong := next((text for _, text in pairs if not text.isdecimal() or int(text) > 65535), None):
        raise click.BadParameter(f"{wrong!r} is not a port (0 to 65535; 0 takes a free one)")
    return {name: int(port) for name, port in pairs}


def retries(context: click.Context, parameter: click.Parameter, value: Any) -> tuple[float, ...]:
    """Seconds from text such as 10s,1m; a TOML file may have an array of seconds or of such texts."""
    try:
        return parse_retries(",".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def timeout(context: click.Context, parameter: click.Parameter, value: float) -> float:
    # Not a range of click's: "nan" is within each of them.
    if not 0 < value <= LONGEST_TIMEOUT:
        raise click.BadParameter(f"{value:g} seconds cannot be waited; more than 0 and at most {LONGEST_TIMEOUT} can")
    return value


def header_name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    try:
        return check_header(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def read_config(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
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


def option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    """An option that `MOCKSERVER_<NAME>` in the environment can set, too."""
    environment = "MOCKSERVER_" + names[0].partition("/")[0].lstrip("-").replace("-", "_").upper()
    return click.option(*names, envvar=environment, show_envvar=True, **settings)


_WEBHOOKS = (
    option(
        "--allow-webhook-host",
        multiple=True,
        metavar="HOST",
        help="Name, address or network (172.16.0.0/12) off this machine to which webhooks may go. May be given again; "
        "in the environment, with blanks in between.",
    ),
    option(
        "--webhook-retries",
        metavar="TIME[,…]",
        type=click.UNPROCESSED,
        default="10s,60s,300s,1800s,7200s",
        show_default=True,
        callback=retries,
        help="How long after each failure a webhook is sent again, on the virtual clock; `none` is never.",
    ),
    option(
        "--webhook-timeout",
        metavar="SECONDS",
        type=float,
        default=10,
        show_default=True,
        callback=timeout,
        help="Seconds of real time until a webhook that is not answered has failed.",
    ),
    option(
        "--webhook-header",
        metavar="NAME",
        default="x-api-key",
        show_default=True,
        callback=header_name,
        help="Header of webhooks that carries the key of the subscription.",
    ),
)


def webhook_options(command: Any) -> Any:
    """Adds the options of webhooks to a command."""
    for decorate in reversed(_WEBHOOKS):
        command = decorate(command)
    return command
