import functools
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mockserver.judge.api import as_program
from mockserver.judge.command import Command
from mockserver.judge.program import ProgramError


async def later(environment: Mapping[str, str]) -> int:
    return 4


def test_a_program_is_told_by_what_it_is() -> None:
    command = as_program([sys.executable, Path("sync.py")], 3.0)
    assert isinstance(command, Command)
    assert command.argv == [sys.executable, "sync.py"]
    assert as_program(later).name == "later"
    assert as_program(functools.partial(later)).name == "later"
    assert as_program(command) is command
    with pytest.raises(ProgramError, match="write the command as a list of its words"):
        as_program("python sync.py")
    with pytest.raises(ProgramError, match=r"lambda>\(\) cannot be called; \(environment\) or \(environment, stop\)"):
        as_program(lambda: None)
