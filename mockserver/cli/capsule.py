"""`mockserver capsule` saves a sandbox as one file, shows what is in it, and loads it at a server."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any

import click

from mockserver.client import Client, ClientError
from mockserver.foundation.settings import SettingsError
from mockserver.registry.choices import MAX_CAPSULE_FILE

_REFUSED = 422
_url_option = click.option(
    "--url",
    default="http://127.0.0.1:8080",
    envvar="MOCKSERVER_URL",
    show_envvar=True,
    show_default=True,
    help="The server.",
)
_token_option = click.option(
    "--token", envvar="MOCKSERVER_ADMIN_TOKEN", show_envvar=True, help="Its admin token, where it wants one."
)
_file_argument = click.argument("file", type=click.Path(path_type=Path, allow_dash=True))


@click.group()
def capsule() -> None:
    """A sandbox in one file: what it was made from, all that changed, faults, scenario, journal; no secret.

    Whoever loads it, on whatever machine, gets the same answers to the same calls.
    """


@capsule.command()
@_url_option
@_token_option
@click.option("--sandbox", default="default", show_default=True, help="The sandbox to save.")
@_file_argument
def save(url: str, token: str | None, sandbox: str, file: Path) -> None:
    """Save a sandbox of a running server to FILE; - is standard output."""
    try:
        with Client(url, token) as client:
            content = client.sandbox(sandbox).capsule()
    except ClientError as error:
        raise SettingsError(str(error)) from None
    if str(file) == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}") from None
    click.echo(
        f"Sandbox {sandbox} is in {file}; `mockserver serve --capsule {quote(str(file))}` goes on there.", err=True
    )


@capsule.command()
@_url_option
@_token_option
@click.option("--as", "id", metavar="ID", help="The id of the new sandbox; that of the saved one where it is free.")
@click.option(
    "--credentials",
    type=click.Path(path_type=Path, allow_dash=True),
    help="JSON file with credentials that were chosen for the saved sandbox, by provider; - is standard input.",
)
@_file_argument
def load(url: str, token: str | None, id: str | None, credentials: Path | None, file: Path) -> None:
    """Make a sandbox of FILE at a running server.

    Prints one JSON object with its id, addresses and credentials; what is not as where it was saved is told on
    standard error.
    """
    words = None if credentials is None else _credentials(credentials)
    try:
        with Client(url, token) as client:
            sandbox = client.sandboxes.load(_read(file), id, credentials=words)
            warnings, description = sandbox.warnings, sandbox.description()
    except ClientError as error:
        raise SettingsError(f"{file}: {error}" if error.status == _REFUSED else str(error)) from None
    for warning in warnings:
        click.echo(warning, err=True)
    answer = {"id": description.id, "urls": description.urls, "credentials": description.credentials}
    click.echo(json.dumps(answer, ensure_ascii=False))


@capsule.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the capsule without its records and its calls.")
@_file_argument
def show(as_json: bool, file: Path) -> None:
    """Show what is in FILE: what the sandbox was made from, what changed, its newest calls, what is not in it."""
    from mockserver.cli.capsule_summary import summary_lines
    from mockserver.registry.capsules.document import CapsuleRefused
    from mockserver.registry.capsules.file_format import read_capsule

    try:
        content = read_capsule(_read(file))
    except CapsuleRefused as error:
        raise SettingsError(f"{file}: {error}") from None
    if as_json:
        head = content.head.model_dump(mode="json")
        counts = {"records": len(content.record_lines), "journal": len(content.call_lines)}
        click.echo(json.dumps({**head, **counts}, ensure_ascii=False, indent=2))
        return
    for line in summary_lines(content):
        click.echo(line)
    name = "FILE" if str(file) == "-" else quote(str(file))
    click.echo(f"\nLoad it with: mockserver serve --capsule {name}")


def _read(file: Path) -> bytes:
    """Returns the content of a file, or somewhat more than a capsule can have."""
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(MAX_CAPSULE_FILE + 1)
        with file.open("rb") as opened:
            return opened.read(MAX_CAPSULE_FILE + 1)
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from None


def _credentials(file: Path) -> Mapping[str, Mapping[str, Any]]:
    content = _read(file)
    try:
        words = json.loads(content)
    except ValueError:
        words = None
    if not isinstance(words, dict) or not all(isinstance(by_name, dict) for by_name in words.values()):
        raise SettingsError(f'{file} has no JSON of the form {{"PROVIDER": {{…}}}}')
    return words
