"""Reference clients with other habits: they wait long, ask for three years in short periods, or take small pages."""

import os
import signal
import sys
import threading
import time
from types import ModuleType
from typing import Any

from tests.clients import apimo, gsl, seeker

_REFERENCES: dict[str, ModuleType] = {"apimo": apimo, "gsl": gsl, "seeker": seeker}
_START = 0.12
"""Seconds of work after which a run takes about 0.2 s, with the start of Python and the calls."""


def _back_off(client: Any, turn: int) -> float:
    """A second, then two, then four: apimo's."""
    return float(2**turn)


def _pause(client: Any, answer: Any, turn: int) -> float:
    """The same, where the answer does not say how long: gsl's."""
    told: float | None = client.told_wait(answer)
    return float(2**turn) if told is None else told


_POLITE: dict[str, Any] = {"back_off": _back_off, "pause": _pause, "pauses": (1.0, 2.0, 4.0)}


class _ThreeYears(seeker.Client):
    """Walks through all that may be kept, in each run."""

    def since(self) -> int:
        return self.told - seeker.RETENTION


def _main(habit: str, provider: str) -> int:
    module = _REFERENCES[provider]
    client: Any = module.Client
    if habit == "polite":
        client = type("Polite", (client,), _POLITE)
    elif habit == "three-years":
        client = _ThreeYears
    elif habit == "small-pages":
        vars(module)["LIMIT"] = 10
    else:
        began = time.process_time()
        while time.process_time() - began < _START:
            pass
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: ended.set())
    code: int = client(os.environ, ended).run()
    return code


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
