"""Options of the command line come from the fields of `Settings`; the environment and a TOML file can set them, too."""

import re
from collections.abc import Callable, Mapping
from functools import reduce
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import click

from mockserver.foundation.settings import Setting, Settings, SettingsError
from mockserver.foundation.settings_reading import read_settings
from mockserver.foundation.suggestions import hint

if TYPE_CHECKING:
    from mockserver.server.watching import Sources

CONFIG = "mockserver.config"
"""The name under which the context of a command has its file of settings."""
_ERROR_LINE = re.compile(r"\(at line ([0-9]+),")
_ARGUMENTS = "mockserver.arguments"
"""The name under which the context of a command has its arguments."""
_OF_SERVE = ("watch",)
"""Settings of `mockserver serve` alone, which other commands pass over in a file that both read."""
Decorator = Callable[[Any], Any]
Callback = Callable[[click.Context, click.Parameter, Any], Any]


def setting_options(*names: str, **defaults: Any) -> Decorator:
    """Adds to a command the options of those fields of `Settings`, of all when none is named.

    A command may have other defaults than the fields.
    """

    def decorate(command: Any) -> Any:
        for name in reversed(names or tuple(Settings.described())):
            setting, kind, default = Settings.described()[name]
            if setting.is_option:
                command = _option(setting.name or name, setting, kind, defaults.get(name, default))(command)
        return command

    return decorate


def settings_from(values: Mapping[str, Any]) -> Settings:
    """Settings from the values of a command's options; an option without a value leaves the default."""
    names = {setting.name or name: name for name, (setting, _, _) in Settings.described().items()}
    return read_settings({names[option]: value for option, value in values.items() if value is not None})


def reading(*readers: Callable[[Any], Any]) -> Callback:
    """A callback of click that reads a value; a ValueError becomes click's, a SettingsError is for `main`."""

    def callback(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
        try:
            return value if value is None else reduce(lambda read, reader: reader(read), readers, value)
        except SettingsError:
            raise
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return callback


class _SettingOption(click.Option):
    """An option whose mistakes name its variable, too; click says it by itself only in its newer releases."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Returns how messages name the option."""
        hint = super().get_error_hint(ctx)
        return hint if str(self.envvar) in hint else f"{hint} (env var: '{self.envvar}')"


def command_option(command: str, *names: str, **settings: Any) -> Decorator:
    """Returns an option of a command that `MOCKSERVER_<COMMAND>_<NAME>` in the environment can set, too."""
    environment = f"MOCKSERVER_{command}_" + names[0].lstrip("-").replace("-", "_").upper()
    return click.option(*names, envvar=environment, show_envvar=True, **settings)


def _option(name: str, setting: Setting, kind: Any, default: Any) -> Decorator:
    readers = [reader for reader in (setting.read, setting.check) if reader is not None]
    kind = _type(setting, kind)
    spelled = "--" + name.replace("_", "-")
    default = default if setting.default_text is None else setting.default_text
    if isinstance(default, float):
        default = f"{default:g}"
    options: dict[str, Any] = {} if default is None or default in ({}, ()) else {"default": default}
    if readers:
        options["callback"] = reading(*readers)
    return click.option(
        f"{spelled}/--no-{spelled[2:]}" if kind is bool else spelled,
        cls=_SettingOption,
        type=None if kind is bool else kind,
        multiple=setting.multiple,
        metavar=setting.metavar,
        help=setting.about,
        envvar=f"MOCKSERVER_{name.upper()}",
        show_envvar=True,
        show_default="default" in options,
        **options,
    )


def _type(setting: Setting, annotation: Any) -> Any:
    """The type that click reads for the type and the bounds of a field."""
    plain = _without_none(annotation)
    if setting.read is not None:
        # The reader takes text, or the list of a TOML file.
        return click.UNPROCESSED if get_origin(plain) is tuple else str
    if plain is int and (setting.least, setting.most) != (None, None):
        return click.IntRange(setting.least, setting.most)
    if plain is Path:
        return click.Path(path_type=Path, exists=True, dir_okay=False)
    if get_origin(plain) is Literal:
        return click.Choice(get_args(plain))
    return plain if plain in (int, float, bool) else str


def _without_none(annotation: Any) -> Any:
    if isinstance(annotation, UnionType):
        (annotation,) = [type for type in get_args(annotation) if type is not NoneType]
    return annotation


def config_option(command: Any) -> Any:
    """Adds the option that names a TOML file with settings."""
    return click.option(
        "--config",
        envvar="MOCKSERVER_CONFIG",
        show_envvar=True,
        type=click.Path(path_type=Path),
        is_eager=True,
        expose_value=False,
        callback=read_config,
        help="TOML file with any of these settings; the environment and the command line win over it.",
    )(command)


def read_config(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    """Makes the values of a TOML file defaults: the environment and the command line win over them."""
    if value is None:
        return
    context.meta[CONFIG] = value
    import tomllib

    text = ""
    try:
        text = value.read_text(encoding="utf-8-sig")
        content = tomllib.loads(text)
    except OSError as error:
        raise click.BadParameter(f"{value} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        where = _ERROR_LINE.search(str(error))
        # What ends too early ends in the last line.
        line = f":{where[1] if where else len(text.splitlines())}" if text else ""
        raise click.BadParameter(f"{value}{line}: it cannot be read as TOML: {error}") from None
    options = {option.name: option for option in context.command.params if isinstance(option, click.Option)}
    del options["config"]
    values, mistakes = {}, []
    for spelled, entry in content.items():
        name = spelled.replace("-", "_")
        option = options.get(name)
        if option is None and name in _OF_SERVE:
            continue
        if option is None:
            names = sorted(str(setting).replace("_", "-") for setting in options)
            wrong: str | None = f"{spelled!r} is not a setting; {hint(spelled, names, 'known are')}"
        else:
            values[name] = _flat(entry, option.multiple)
            wrong = _wrong_type(option, values[name]) or _mistake(context, option, values[name])
        if wrong is not None:
            mistakes.append(f"{value}:{_line(text, spelled)}: {wrong}")
    if mistakes:
        raise click.BadParameter("\n".join(mistakes))
    context.default_map = {**(context.default_map or {}), **values}


def _wrong_type(option: click.Option, value: Any) -> str | None:
    """Returns what is wrong with the type of a value in a file, of which click would make another one."""
    name = str(option.name).replace("_", "-")
    if option.multiple and not (isinstance(value, list) and all(isinstance(part, str) for part in value)):
        return f"{name}: a text or a list of texts is needed"
    if isinstance(option.type, click.types.IntParamType) and isinstance(value, bool | float):
        return f"{name}: a whole number is needed"
    return None


def _mistake(context: click.Context, option: click.Parameter, value: Any) -> str | None:
    """Returns what is wrong with the value of an option in a file; None when it is right."""
    try:
        option.process_value(context, value)
    except (click.BadParameter, SettingsError) as error:
        message = error.message if isinstance(error, click.BadParameter) else str(error)
        return f"{str(option.name).replace('_', '-')}: {message}"
    return None


def _line(text: str, name: str) -> int:
    """Returns the line of a TOML file, from 1, that sets a name, or begins its table."""
    begins = re.compile(rf"""\s*\[?\s*["']?{re.escape(name)}["']?\s*[=.\]]""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if begins.match(line)), 1)


def _flat(entry: Any, many: bool) -> Any:
    """A table of a TOML file in the form of the command line: `[variant.apimo]`, `[ports]`."""
    if not isinstance(entry, dict):
        return [entry] if many and isinstance(entry, str) else entry
    pairs = [
        f"{name}.{inner}={value}" if isinstance(entry[name], dict) else f"{name}={value}"
        for name in entry
        for inner, value in (entry[name].items() if isinstance(entry[name], dict) else [("", entry[name])])
    ]
    return pairs if many else ",".join(pairs)


class RepeatableCommand(click.Command):
    """A command whose arguments can be read once more."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Keeps the arguments, which the parser of click takes apart."""
        context.meta[_ARGUMENTS] = list(args)
        return super().parse_args(context, args)


def sources_again() -> "Sources":
    """Returns where the settings of the command that is being run come from."""
    from mockserver.server.watching import Sources

    context = click.get_current_context()
    command, arguments = context.command, context.meta[_ARGUMENTS]

    def read() -> Settings:
        try:
            again = command.make_context(context.info_name, list(arguments), parent=context.parent)
        except click.ClickException as error:
            raise SettingsError(error.format_message()) from None
        options: dict[str, Any] = dict(again.params)
        options.pop("watch", None)
        return settings_from(options)

    return Sources(read, context.meta.get(CONFIG))
