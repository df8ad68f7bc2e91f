"""A pytest plugin for runs of the tests beside other libraries: `-p tests.installing.lane`.

It leaves out the tests of tools that need libraries of their own, which do not go together with every neighbour.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import httpx2

TOOLS = {
    "schemathesis": (
        *("admin/test_openapi.py", "soak/test_odd_calls.py"),
        *(f"providers/{name}/test_schemathesis.py" for name in ("apimo", "gsl", "seeker")),
    ),
    "openapi_python_client": ("providers/apimo/test_generated_client.py",),
    "zizmor": ("cli/test_ci_files.py",),
}
"""Test files by the tool that they need, below the folder of the tests."""
_TESTS = Path(__file__).parents[1]


def _give_starlette_our_http() -> None:
    """Before its release 1 Starlette's client of applications imports httpx; it works as well with its successor."""
    other = sys.modules.get("httpx")
    sys.modules["httpx"] = httpx2
    try:
        import starlette.testclient  # noqa: F401
    finally:
        del sys.modules["httpx"]
        if other is not None:
            sys.modules["httpx"] = other


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leaves out a file whose tool is not installed."""
    for tool, files in TOOLS.items():
        if find_spec(tool) is None and any(collection_path == _TESTS / file for file in files):
            return True
    return None


def pytest_report_header() -> list[str]:
    """Says what is left out."""
    return [f"without {tool}: {', '.join(files)}" for tool, files in TOOLS.items() if find_spec(tool) is None]


_give_starlette_our_http()
