"""Every obligation that a client of these APIs can have. Which bind the clients of which provider, its dialect says."""

from collections.abc import Mapping

import yaml

from mockserver.foundation.resources import resource
from mockserver.judge.rulings import Obligation, Severity


def _read() -> dict[str, Obligation]:
    entries = yaml.safe_load(resource("fixtures", "obligations.yaml").read_text(encoding="utf-8"))
    obligations = [
        Obligation(entry["id"], Severity(entry["severity"]), entry["sentence"], entry["remedy"]) for entry in entries
    ]
    return {obligation.id: obligation for obligation in obligations}


OBLIGATIONS: Mapping[str, Obligation] = _read()
"""By id, in the order in which they are told."""
