"""Freezes the battery as it is now: `python -m tests.freeze_battery 2026.12`, when that version is released.

The file is never changed after that release: whoever names the version relies on it.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

from mockserver.foundation.resources import resource
from mockserver.foundation.settings import Settings
from mockserver.judge.catalogue import OBLIGATIONS, reasons_of, severity_of
from mockserver.judge.frozen_battery import FrozenBattery
from mockserver.judge.suite import battery
from mockserver.server.app import providers_of

ABOUT = """\
# What counts for `mockserver conform --battery {version}`: drills, and obligations with their severity then.
# Written by `python -m tests.freeze_battery`, and never changed once that version is released.
"""


def frozen(version: str) -> dict[str, Any]:
    """Returns the battery as it is now."""
    providers = providers_of(Settings())
    drills = battery(providers)
    return {
        "version": version,
        "drills": {name: [drill.name for drill in drills if drill.provider == name] for name in providers},
        "obligations": {
            name: {id: severity_of(name, id).value for id in OBLIGATIONS if id in reasons_of(name)}
            for name in providers
        },
    }


def main(version: str) -> None:
    """Writes the file of a version."""
    document = frozen(version)
    FrozenBattery.model_validate(document)
    text = ABOUT.format(version=version) + yaml.safe_dump(document, sort_keys=False, width=120)
    Path(resource("fixtures", "batteries"), f"{version}.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
