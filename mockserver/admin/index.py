"""The page at `/` tells all addresses and the credentials that work: HTML for a browser, JSON for a program."""

from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

from mockserver.admin.guard import has_token
from mockserver.admin.services import Services
from mockserver.foundation.asgi import address_of, origin_of, other_port, prefix_of
from mockserver.foundation.version import __version__
from mockserver.provider_api.provider import Provider
from mockserver.sandbox.accounts import Account


def index_page(services: Services, request: Request) -> Response:
    """The index in the form that the client prefers."""
    content = describe(services, request.scope)
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(_html(content))
    return JSONResponse(content)


def describe(services: Services, scope: Scope) -> dict[str, Any]:
    """Providers, credentials and addresses as data; the addresses are those at which the client reached the server.

    Where the admin API wants a token, whoever has none is told no secret.
    """
    token = services.settings.admin_token
    shows_secrets = token is None or has_token(scope, token)
    sandbox, url, prefix = services.sandbox, address_of(scope), prefix_of(scope)
    ports = {name: port for port, name in services.ports.items()}
    return {
        "name": "lead-mockserver",
        "version": __version__,
        "about": "A fake of real-estate lead APIs. Nothing here is real: people, estates and credentials are made up.",
        "providers": {
            name: {
                "url": f"{url}/{name}",
                **({"origin": other_port(origin_of(scope), ports[name])} if name in ports else {}),
                "contract": f"{url}/__admin/contracts/{name}",
                "credentials": [
                    _credentials(provider, account, shows_secrets) for account in sandbox.accounts[name].values()
                ],
                "operations": [
                    {"id": operation.id, "method": operation.method, "path": f"{prefix}/{name}{operation.path}"}
                    for operation in provider.contract.operations.values()
                ],
            }
            for name, provider in services.providers.items()
        },
        "world": {
            "name": sandbox.world.file.name,
            "seed": sandbox.world.seed,
            "agencies": sorted(sandbox.world.agencies),
        },
        "admin": {
            name: f"{url}/__admin/{path}"
            for name, path in (
                ("openapi", "openapi.json"),
                ("sandboxes", "sandboxes"),
                ("clock", "clock"),
                ("faults", "faults"),
                ("scenarios", "scenarios"),
                ("scenario", "scenario"),
                ("leads", "leads"),
                ("webhooks", "webhooks"),
                ("journal", "journal"),
                ("har", "journal.har"),
                ("coverage", "coverage"),
                ("fidelity", "fidelity"),
                ("hosts", "hosts"),
                ("metrics", "metrics"),
                ("version", "version"),
                ("live", "health/live"),
                ("ready", "health/ready"),
            )
        },
    }


def _credentials(provider: Provider, account: Account, shows_secrets: bool) -> dict[str, Any]:
    credentials = dict(provider.auth.describe_credentials(account))
    if shows_secrets:
        return credentials
    return {name: _FOR_WHO_HAS_THE_TOKEN if value == account.secret else value for name, value in credentials.items()}


_FOR_WHO_HAS_THE_TOKEN = "told to whoever sends the admin token (Authorization: Bearer …)"

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>lead-mockserver</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
code,pre{{font:14px ui-monospace,monospace;background:#8881;padding:.1em .3em}}pre{{padding:1em;overflow-x:auto}}
td{{padding:.1rem 1rem .1rem 0;vertical-align:top}}:root{{color-scheme:light dark}}</style></head>
<body><h1>lead-mockserver {version}</h1><p>{about}</p>{providers}
<h2>Admin</h2><ul>{admin}</ul><p>World <code>{world}</code>, seed {seed}.</p></body></html>"""

_PROVIDER = """<h2>{name}</h2><p>Mounted at <a href="{url}"><code>{url}</code></a>{origin};
<a href="{contract}">contract</a>.</p><table>{credentials}</table>
<details><summary>{count} operations</summary><table>{operations}</table></details>"""


def _html(content: dict[str, Any]) -> str:
    providers = "".join(_provider(name, provider) for name, provider in content["providers"].items())
    admin = "".join(f'<li><a href="{escape(url)}">{escape(name)}</a></li>' for name, url in content["admin"].items())
    world = content["world"]
    return _PAGE.format(
        version=escape(content["version"]),
        about=escape(content["about"]),
        providers=providers,
        admin=admin,
        world=escape(world["name"]),
        seed=world["seed"],
    )


def _provider(name: str, provider: dict[str, Any]) -> str:
    credentials = "".join(
        _row(word, ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for entry in provider["credentials"]
        for word, value in entry.items()
    )
    operations = "".join(_row(entry["method"], entry["path"], entry["id"]) for entry in provider["operations"])
    origin = f" and alone at <code>{escape(provider['origin'])}</code>" if "origin" in provider else ""
    return _PROVIDER.format(
        name=escape(name),
        url=escape(provider["url"]),
        contract=escape(provider["contract"]),
        origin=origin,
        credentials=credentials,
        count=len(provider["operations"]),
        operations=operations,
    )


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td><code>{escape(cell)}</code></td>" for cell in cells) + "</tr>"
