"""Options of the command line against the fields of `Settings` that they come from."""

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from mockserver.cli.main import serve
from mockserver.cli.options import config_option, setting_options, settings_from
from mockserver.foundation.settings import Settings, SettingsError
from mockserver.foundation.settings_reading import read_settings

OPTIONS = {parameter.name: parameter for parameter in serve.params if isinstance(parameter, click.Option)}
NAMES = {
    "overlays": "overlay",
    "variants": "variant",
    "webhook_hosts": "allow_webhook_host",
    "host_routes": "host_route",
}
"""Fields whose option has another name."""
FIELDS = {name: NAMES.get(name, name) for name in Settings.described() if name != "journal_body"}
BOUNDED = [name for name, (_, kind, _) in Settings.described().items() if kind in (int, int | None)]
BOUNDED = [name for name in BOUNDED if name not in ("now", "journal_body")]
"""Fields that are a whole number; moments have a reader with bounds of its own."""


def read(*arguments: str, environment: dict[str, str] | None = None) -> Settings:
    """The settings that a command line makes."""
    made: list[Settings] = []

    @click.command()
    @setting_options()
    @config_option
    def command(**options: Any) -> None:
        made.append(settings_from(options))

    done = CliRunner().invoke(command, arguments, env=environment, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return made[0]


def test_every_field_has_its_option_and_nothing_else_is_one() -> None:
    assert list(OPTIONS) == [*FIELDS.values(), "watch", "config"]


@pytest.mark.parametrize("field", FIELDS)
def test_help_and_variable_of_an_option_follow_from_its_field(field: str) -> None:
    option = OPTIONS[FIELDS[field]]
    assert option.help == Settings.described()[field][0].about
    assert option.help
    assert option.envvar == f"MOCKSERVER_{FIELDS[field].upper()}"


def test_a_command_line_that_says_nothing_leaves_every_default() -> None:
    assert read() == Settings()


def test_a_file_of_settings_may_say_what_serve_alone_knows(tmp_path: Path) -> None:
    file = tmp_path / "mockserver.toml"
    file.write_text("watch = true\nport = 9000\n")
    assert read("--config", str(file)) == Settings(port=9000)


@pytest.mark.parametrize("field", BOUNDED)
def test_bounds_are_those_of_the_field(field: str) -> None:
    kind = OPTIONS[field].type
    assert isinstance(kind, click.IntRange)
    for bound, step in ((kind.min, -1), (kind.max, 1)):
        assert bound is not None, f"{field} has no end"
        assert getattr(read_settings({field: bound}), field) == bound
        with pytest.raises(SettingsError, match=f"{field}: {bound} is the"):
            read_settings({field: bound + step})


def test_options_are_read_as_fields_are() -> None:
    words = ["--variant", "apimo.update=merge", "--variant", "gsl.a=b", "--overlay", "apimo=x", "--overlay", "apimo=y"]
    settings = read(*words, "--ports", "apimo=0, gsl=8082", "--now", "2026-01-01", "--no-prefer")
    assert settings.variants == {"apimo": {"update": "merge"}, "gsl": {"a": "b"}}
    assert settings.overlays == {"apimo": (Path("x"), Path("y"))}
    assert settings.ports == {"apimo": 0, "gsl": 8082}
    assert (settings.now, settings.prefer) == (1_767_225_600, False)


def test_a_variable_may_have_several_values_with_blanks_in_between() -> None:
    environment = {"MOCKSERVER_VARIANT": "apimo.update=merge gsl.a=b", "MOCKSERVER_WEBHOOK_RETRIES": "1m, 2"}
    settings = read(environment=environment)
    assert settings.variants == {"apimo": {"update": "merge"}, "gsl": {"a": "b"}}
    assert settings.webhook_retries == (60, 2)
