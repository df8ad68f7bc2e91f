"""The command `mockserver schema`."""

import json

import click


@click.command()
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print the JSON Schema of a kind of file, for an editor: world, scenario, configuration, overlay; or capsule.

    Without a name, the names are listed.
    """
    from mockserver.cli.file_schemas import SCHEMAS
    from mockserver.foundation.settings import SettingsError
    from mockserver.foundation.suggestions import hint

    if name is None:
        click.echo("\n".join(SCHEMAS))
        return
    if name not in SCHEMAS:
        raise SettingsError(f"there is no schema {name!r}; {hint(name, SCHEMAS)}")
    click.echo(json.dumps(SCHEMAS[name](), ensure_ascii=False, indent=2))
