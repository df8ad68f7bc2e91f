"""A client of all three providers in one program, as most importers are: it fails if one of the three does."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.clients import apimo, gsl, seeker

CLIENTS = {"apimo": apimo.main, "gsl": gsl.main, "seeker": seeker.main}


def main(environment: Mapping[str, str]) -> int:
    """Imports from each of them, whatever becomes of the others; the exit code."""
    state = Path(environment["MOCKSERVER_STATE_DIR"])
    codes, leads = [], []
    for name, client in CLIENTS.items():
        outcome = state / f"{name}.jsonl"
        codes.append(client({**environment, "MOCKSERVER_OUTCOME": str(outcome)}))
        lines = outcome.read_text(encoding="utf-8").split("\n") if outcome.exists() else []
        leads += [json.dumps({**json.loads(line), "provider": name}) + "\n" for line in lines if line]
    Path(environment["MOCKSERVER_OUTCOME"]).write_text("".join(leads), encoding="utf-8")
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(os.environ))
