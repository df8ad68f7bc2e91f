"""What a container installs is written down with hashes, and is what the tests run with."""

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

LOCK = (ROOT / ".ci" / "requirements.lock").read_text(encoding="utf-8")
PINS = {
    canonicalize_name(name): release for name, release in re.findall(r"^([\w.-]+)==([^\s;\\]+)", LOCK, re.MULTILINE)
}
REMEDY = "run `make lock`"


def test_each_package_has_hashes_and_none_an_address() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    assert len(entries) == len(PINS)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in LOCK
    assert "index-url" not in LOCK


def test_everything_that_is_needed_is_in_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for text in (*project["dependencies"], *extras["store"], *extras["postgresql"], *extras["metrics"]):
        requirement = Requirement(text)
        if requirement.name != project["name"]:
            assert PINS[canonicalize_name(requirement.name)] in requirement.specifier, REMEDY


def test_it_is_what_the_tests_run_with() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split("\n")
    tested = {
        canonicalize_name(name): release for name, _, release in (line.partition("==") for line in lines) if release
    }
    assert {name: release for name, release in PINS.items() if tested.get(name) != release} == {}, REMEDY


def test_all_means_all() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    (everything,) = extras["all"]
    assert Requirement(everything).extras == set(extras) - {"all", "dev"}
