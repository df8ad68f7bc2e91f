"""The command and the pytest plugin begin here. In a wheel this file is also the top-level module `lead_mockserver`.

MockServer's own client, `mockserver-client`, installs a package of the name `mockserver`, too, and the one that comes
last replaces files of the other. So this module imports nothing of the package before it has looked at it.
PYTEST_DONT_REWRITE (there are no assertions here to explain)
"""

import gc
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NEIGHBOUR = "mockserver-client"
BOTH = (
    "lead-mockserver and MockServer's own client (mockserver-client) are both installed, and each brings a package "
    "named mockserver that replaces the other's; remove both (pip uninstall lead-mockserver mockserver-client), then "
    "install the one that this environment needs"
)
NOT_WHOLE = (
    "what this command needs is not installed here ({}): pip install lead-mockserver, without --no-deps; the pytest "
    "plugin alone does without, by --mockserver-command or --mockserver-url"
)
NOT_OURS = (
    "the package named mockserver that is found here is not that of lead-mockserver, or not all of it; install "
    "lead-mockserver once more, with pip's option --force-reinstall"
)


def main() -> None:
    """Runs the command; exit code 2 and one sentence where the package is not ours, or not ours alone."""
    if sentence := _mixed_up():
        sys.stderr.write(f"mockserver: {sentence}\n")
        sys.exit(2)
    # What is imported stays: to look for garbage in it takes longer than all else.
    gc.disable()
    try:
        if sys.argv[1:2] == ["ready"]:
            # It is asked every few seconds where it is a health check, and needs neither a server nor a judge.
            from mockserver.cli.ready import main as run
        else:
            from mockserver.cli.main import main as run
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("mockserver"):
            raise
        sys.stderr.write(f"mockserver: {NOT_WHOLE.format(error.name)}\n")
        sys.exit(2)

    gc.freeze()
    gc.enable()
    run()


def __getattr__(name: str) -> Any:
    """The attribute `pytest_plugin` is the plugin. Raises pytest's UsageError where the package is not ours alone."""
    if name != "pytest_plugin":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if sentence := BOTH if _is_neighbour_installed() else _mixed_up():
        refuse(sentence)
    return import_module("mockserver.pytest_plugin")


def refuse(sentence: str = BOTH) -> None:
    """Ends a run of pytest with the sentence; raises ImportError with it anywhere else."""
    if "pytest" not in sys.modules:
        raise ImportError(sentence)
    import pytest

    raise pytest.UsageError(sentence)


def _mixed_up() -> str | None:
    """The sentence about a package `mockserver` that is not ours, or in whose folder the other's files are."""
    spec = find_spec("mockserver")
    start = None if spec is None or spec.origin is None else Path(spec.origin)
    # Beside our folder `client` there is a module of that name only when the other was installed over ours, or below.
    if start and b'"lead-mockserver"' in start.read_bytes() and not start.with_name("client.py").exists():
        return None
    return BOTH if _is_neighbour_installed() else NOT_OURS


def _is_neighbour_installed() -> bool:
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        distribution(NEIGHBOUR)
    except PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    main()
