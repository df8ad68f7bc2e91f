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
    "openapi_python_client": ("providers/apimo/test_generated_client.py", "providers/gsl/test_foreign_clients.py"),
    "zizmor": ("cli/test_ci_files.py",),
}
"""Test files by the tool that they need, below the folder of the tests."""
DEVELOPMENT = (
    *("benchmarks/test_benchmarks.py", "judge/reports/test_reports.py", "server/test_starts.py"),
    *("installing/test_neighbours.py", "test_layout.py"),
)
"""Test files about what is developed with: a schema as one release of pydantic writes it, what a start loads, this."""
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
    return True if collection_path in {_TESTS / file for file in _left_out()} else None


def pytest_report_header() -> list[str]:
    """Says what is left out."""
    return [f"left out: {', '.join(_left_out())}"]


def _left_out() -> list[str]:
    return [*DEVELOPMENT, *(file for tool, files in TOOLS.items() if find_spec(tool) is None for file in files)]


_give_starlette_our_http()
