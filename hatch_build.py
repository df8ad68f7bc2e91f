"""Puts compiled contracts and worlds into a wheel, so that no start of an installed server has to compile them."""

import sys
from pathlib import Path
from shutil import copyfile, rmtree
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledDocuments(BuildHookInterface):
    """Compiles each contract, each world and the scenarios by the code that the wheel will have, and adds the files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the files to what goes into the wheel; an editable installation compiles at its first start."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from mockserver.providers.contracts import write_compiled as contracts
            from mockserver.scenarios.loading import write_compiled as scenarios
            from mockserver.world.loading import write_compiled as worlds

            self._folder = Path(mkdtemp())
            for file in (*contracts(self._folder), *worlds(self._folder), *scenarios(self._folder)):
                build_data["force_include"][str(file)] = f"mockserver/_data/compiled/{file.name}"
            # It is `lead_mockserver.py` already, and hatchling takes a file once: `python -m mockserver` needs a copy.
            main = copyfile(Path(self.root, "mockserver", "__main__.py"), self._folder / "__main__.py")
            build_data["force_include"][str(main)] = "mockserver/__main__.py"
        finally:
            sys.path.remove(self.root)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Deletes the files."""
        if version != "editable":
            rmtree(self._folder)
