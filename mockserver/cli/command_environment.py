"""The environment of a command that runs beside the fake: the variables that `conform` gives, and our addresses."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from mockserver.foundation.clock import iso
from mockserver.judge.configuration import Configuration
from mockserver.judge.environment import PREFIX, variables
from mockserver.judge.program import ConformError
from mockserver.judge.proxies import past_proxies
from mockserver.providers.loading import judge_adapter_of
from mockserver.server.embedded import CommandServer

_KEPT = ("MOCKSERVER_STATE_DIR", "MOCKSERVER_OUTCOME")
"""Variables of ours that stay as they are where the user has set them."""


def command_environment(
    server: CommandServer,
    folder: Path,
    *,
    templates: Sequence[tuple[str, str]] = (),
    agency: int | None = None,
) -> dict[str, str]:
    """Returns all variables of the command; `folder` is for its state. Raises ConformError for a template."""
    environments, now = server.call(lambda: _configured(server, agency))
    ours = {**_addresses(server), **_https(server, folder), **_files(folder), "MOCKSERVER_NOW": now}
    environment = {**_inherited(), **variables(environments, ours, templates)}
    return {**environment, **past_proxies(environment)}


def _configured(server: CommandServer, agency: int | None) -> tuple[Mapping[str, Mapping[str, str]], str]:
    """Returns the variables of each provider, and the moment; to be called where calls are answered."""
    app = server.app
    with app.sandbox.transaction():
        adapters = {name: judge_adapter_of(name) for name in app.providers}
        chosen = _agency(server, agency)
        configuration = Configuration(
            server.app.public_url or server.url, app.sandbox, app.providers, adapters, chosen, server.origins
        )
        return configuration.environments(), iso(app.sandbox.clock.time())


def _agency(server: CommandServer, agency: int | None) -> int:
    agencies = server.app.sandbox.world.agencies
    if agency is None:
        return next((id for id, entry in agencies.items() if entry.granted), next(iter(agencies), 0))
    if agency not in agencies:
        raise ConformError(f"there is no agency {agency} in this world; there is {', '.join(map(str, agencies))}")
    return agency


def _addresses(server: CommandServer) -> dict[str, str]:
    token = server.app.settings.admin_token
    url = server.app.public_url or server.url
    addresses = {"MOCKSERVER_URL": url, "MOCKSERVER_ADMIN_URL": f"{url}/__admin"}
    return addresses if token is None else {**addresses, "MOCKSERVER_ADMIN_TOKEN": token}


def _https(server: CommandServer, folder: Path) -> dict[str, str]:
    """Returns what the first line of `mockserver serve --tls` tells: the address with HTTPS, and whom to trust."""
    hosting = server.app.hosting
    if hosting is None or hosting.certificate is None:
        return {}
    file = folder / "ca.pem"
    file.write_bytes(hosting.certificate)
    return {"MOCKSERVER_HTTPS_URL": server.url.replace("http", "https", 1), "MOCKSERVER_CA": os.fspath(file)}


def _files(folder: Path) -> dict[str, str]:
    usual = {"MOCKSERVER_STATE_DIR": folder / "state", "MOCKSERVER_OUTCOME": folder / "outcome.jsonl"}
    return {name: os.environ.get(name) or os.fspath(usual[name]) for name in _KEPT}


def _inherited() -> dict[str, str]:
    """Returns what the command has from us: not the settings of the server, which others of ours would read, too."""
    return {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
