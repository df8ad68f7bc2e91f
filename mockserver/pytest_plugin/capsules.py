"""The capsule of a failing test, for whoever wants to see the same."""

import shlex
from pathlib import Path

from mockserver.client import ClientError, SandboxHandle


def write_capsule(sandbox: SandboxHandle, folder: str) -> str:
    """Writes the capsule of a test's sandbox into a folder; returns the command that loads it, or why there is none."""
    path = Path(folder) / f"{sandbox.id}.capsule.json.gz"
    try:
        content = sandbox.capsule()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except ClientError as error:
        return f"the sandbox cannot be saved: {error}"
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}"
    return f"mockserver serve --capsule {shlex.quote(str(path))}"
