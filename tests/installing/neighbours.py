"""The applications and libraries beside which this package is installed, and what resolves there."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Literal

ROOT = Path(__file__).parents[2]
Bound = Literal["lowest-direct", "highest"]
BOUNDS: tuple[Bound, ...] = ("lowest-direct", "highest")
"""The oldest releases that pyproject.toml names, and the newest ones."""
PATIENCE = 300
EXTRAS = ("store", "postgresql", "metrics", "fuzz", "faker")


@dataclass(frozen=True)
class Neighbour:
    """Something that is there before this package is installed."""

    name: str
    requirements: tuple[str, ...]
    is_newest: bool = False
    """Whether the newest release is meant, whichever that is today: who works on something else need not know."""

    def resolve(self) -> dict[Bound, list[str]]:
        """Returns what is installed beside it, at each bound that it leaves. Raises NotResolved and Unreachable."""
        if not self.is_newest:
            return {bound: resolve(self.requirements, bound) for bound in BOUNDS}
        # Alone first: beside ours, an older release might do.
        newest = [pin for pin in compile_pins(self.requirements) if pin.partition("==")[0] in self.requirements]
        return {"highest": resolve(newest, "highest")}


NEIGHBOURS = (
    Neighbour("sqlalchemy 2.0", ("sqlalchemy==2.0.*",)),
    Neighbour("faker 30", ("faker==30.*",)),
    Neighbour("faker 37", ("faker==37.*",)),
    Neighbour("fastapi 0.115", ("fastapi==0.115.*",)),
    Neighbour("fastapi, newest", ("fastapi",), True),
    Neighbour("pydantic 2.9", ("pydantic==2.9.*",)),
    Neighbour("click 8.1", ("click==8.1.*",)),
    Neighbour("rich 13", ("rich==13.*",)),
    Neighbour("starlette 0.41", ("starlette==0.41.*",)),
    Neighbour("orjson 3.9", ("orjson==3.9.*",)),
    Neighbour("jsonschema-rs 0.59", ("jsonschema-rs==0.59.*",)),
    Neighbour("jsonschema-rs 0.61", ("jsonschema-rs==0.61.*",)),
    Neighbour("django, newest", ("django",), True),
    Neighbour("pytest 8.4", ("pytest==8.4.*",)),
    Neighbour("pytest, newest", ("pytest",), True),
)
TOGETHER = (
    *("sqlalchemy==2.0.*", "faker==30.*", "fastapi==0.115.*", "pydantic==2.9.*", "click==8.1.*", "rich==13.*"),
    *("starlette==0.41.*", "orjson==3.9.*", "jsonschema-rs==0.59.*", "django>=5", "pytest==8.4.*"),
)
"""All that are old, in one environment."""
LANE = (
    *(
        "pytest-xdist>=3.8",
        "pytest-cov>=7",
        "httpx2>=2.16",
        "httpx>=0.28",
        "freezegun>=1.5",
        "hypothesis>=6.150",
        "Authlib>=1.9",
    ),
    *("requests-oauthlib>=2", "openapi-spec-validator>=0.9", "markdown-it-py>=3", "python-dateutil>=2.9"),
)
"""Requirements of the tests themselves; see `tests.installing.lane` for those of single tools."""


class NotResolved(Exception):
    """No set of releases fits; the message is the resolver's."""


class Unreachable(Exception):
    """The index of packages cannot be reached."""


def resolve(requirements: Iterable[str], bound: Bound, extras: Sequence[str] = EXTRAS) -> list[str]:
    """Returns the pins of what is installed with this package beside the requirements. Raises one of the above."""
    words = [word for extra in extras for word in ("--extra", extra)]
    return compile_pins(requirements, "pyproject.toml", *words, "--resolution", bound)


def compile_pins(requirements: Iterable[str], *words: str) -> list[str]:
    """Returns the pins that fit, of wheels alone: what has to be built first would run its code."""
    python = "{}.{}".format(*sys.version_info)
    command = [
        *(_uv(), "pip", "compile", "-", *words, "--no-build", "--no-header", "--no-annotate", "--quiet"),
        *("--python-version", python),
    ]
    text = "\n".join(requirements)
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE, check=False)
    if done.returncode == 0:
        return done.stdout.split("\n")[:-1]
    failure = NotResolved if "No solution found" in done.stderr else Unreachable
    raise failure(done.stderr.strip())


def make_environment(folder: Path, pins: Sequence[str], *, editable: bool = False) -> Path:
    """Makes a virtual environment with the pinned releases, and returns its interpreter. Raises Unreachable.

    `editable` puts this package into it, too.
    """
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    for words in (
        ["venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
        ["pip", "install", "--quiet", "--no-deps", "--no-build", "--python", str(python), *pins],
        # The package itself is built from here, with its plugin and commands.
        *([["pip", "install", "--quiet", "--no-deps", "--python", str(python), "--editable", "."]] if editable else []),
    ):
        done = subprocess.run([_uv(), *words], capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE, check=False)
        if done.returncode:
            raise Unreachable(done.stderr.strip())
    return python


def _uv() -> str:
    """Returns the path of uv: that beside the interpreter, or any other."""
    beside = which("uv", path=str(Path(sys.executable).parent))
    program = beside or which("uv")
    if program is None:
        raise FileNotFoundError("uv is not installed; it comes with `pip install -e '.[dev]'`")
    return program
