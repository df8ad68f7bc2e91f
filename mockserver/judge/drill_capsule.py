"""Keeps the sandbox of a broken drill as a capsule beside what its runs left, for whoever has to see the same."""

from pathlib import Path

from mockserver.judge.drill_folder import CAPSULE_FILE, folder_name
from mockserver.judge.drill_run import DrillResult
from mockserver.judge.rulings import State
from mockserver.judge.verdicts import JudgedDrill


def with_capsule(judged: JudgedDrill, result: DrillResult, runs_dir: Path | None) -> JudgedDrill:
    """Writes the capsule of a drill in which something is broken, and returns the drill with the name of the file.

    A sandbox that is too large for one has none, and neither has one in a folder that cannot be written.
    """
    is_broken = any(ruling.state is State.BROKEN for ruling in judged.rulings.values())
    if runs_dir is None or result.capsule is None or not is_broken:
        return judged
    from mockserver.registry.capsules.document import CapsuleRefused

    path = runs_dir / judged.provider / folder_name(judged.name) / CAPSULE_FILE
    try:
        path.write_bytes(result.capsule.whole())
    except (CapsuleRefused, OSError):
        return judged
    return judged.with_capsule(str(path))
