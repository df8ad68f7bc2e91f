"""`mockserver world check` tells people, or programs, which rules a world breaks."""

import json

import click

from mockserver.cli.options import setting_options, settings_from
from mockserver.cli.tables import print_table


@click.command("check")
@setting_options("world", "seed", "now")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
@click.pass_context
def check(context: click.Context, /, as_json: bool, **options: object) -> None:
    """Check that a person would believe a world: texts, places, prices and moments that agree with each other.

    Each rule that does not hold is printed with the ids that break it; the exit code is then 1. A world with pinned
    values may break rules on purpose, and is served all the same.
    """
    from mockserver.server.app import build
    from mockserver.world.rules import RULES, check_world

    world = build(settings_from(options)).sandbox.world
    broken = check_world(world)
    if as_json:
        click.echo(json.dumps([rule.as_dict() for rule in broken], ensure_ascii=False, indent=2))
    elif broken:
        rows = [
            (rule.rule.id, f"{breach.kind} {breach.id}", " ".join(breach.detail.split()))
            for rule in broken
            for breach in rule.breaches
        ]
        for rule in broken:
            click.echo(f"{rule.rule.id}: {rule.rule.sentence} Broken by {len(rule.breaches)}.")
        print_table(("rule", "entity", "detail"), rows)
    else:
        rules = sum(map(len, RULES.values()))
        click.echo(f"World {world.file.name}, seed {world.seed}: all {rules} rules hold.")
    context.exit(1 if broken else 0)
