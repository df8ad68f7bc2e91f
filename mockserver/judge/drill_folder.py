"""The folder of one drill: the client's state and outcome, and the outputs and outcomes of its runs."""

import hashlib
import re
import shutil
from contextlib import suppress
from pathlib import Path

from mockserver.judge.outcome_file import clear_outcome
from mockserver.judge.program import ConformError

CAPSULE_FILE = "capsule.json.gz"
_MANAGED_FILES = ("state", "outcome*.jsonl", "output-*.txt", CAPSULE_FILE)
"""The files that a drill leaves in its folder; nothing else is removed from there."""


class DrillFolder:
    """Files of a drill, below a folder that may have other files."""

    def __init__(self, path: Path) -> None:
        """Makes the folder with an empty `state`. Raises ConformError."""
        self.path = path.absolute()  # the program may go elsewhere before it looks for its files
        self.state = self.path / "state"
        self.outcome = self.path / "outcome.jsonl"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # What another battery left there is not this client's.
            for pattern in _MANAGED_FILES:
                for managed in list(self.path.glob(pattern)):
                    clear_outcome(managed)
            self.state.mkdir()
        except OSError as error:
            raise ConformError(f"the folder {path} cannot be made: {error.strerror}; name another one") from None

    def keep_output(self, run: int, output: str) -> None:
        """Writes the output of a run; also makes room for its outcome."""
        # The program may have left anything in its folder, a link or a missing folder among others.
        for folder in (self.path, self.state):
            if not folder.is_dir():
                clear_outcome(folder)
                folder.mkdir(parents=True)
        path = self.path / f"output-{run}.txt"
        clear_outcome(path)
        clear_outcome(self._outcome_of(run))
        path.write_text(output, encoding="utf-8", errors="backslashreplace")

    def keep_outcome(self, run: int) -> None:
        """Copies the outcome as it is after a run; what the program left behind may have taken it away again."""
        with suppress(OSError):
            shutil.copyfile(self.outcome, self._outcome_of(run))

    def _outcome_of(self, run: int) -> Path:
        return self.path / f"outcome-{run}.jsonl"


def folder_name(drill: str) -> str:
    """Returns the name of a drill's folder, right below its provider's; no two drills have the same."""
    name = re.sub(r"[^\w.=-]", "_", drill).strip(".") or "_"
    return name if name == drill else f"{name}-{hashlib.sha256(drill.encode('utf-8', 'replace')).hexdigest()[:8]}"
