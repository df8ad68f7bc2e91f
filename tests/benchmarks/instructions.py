"""Counts the work of a call in instructions of the processor, what is written in C or Rust included, by callgrind.

Valgrind emulates a processor of its own, so that counts hardly depend on the machine. They depend on how Python was
built; that cancels out in a ratio to `calibration`, which is counted in the same run.
"""

import ctypes
import gc
import json
import mmap
import os
import platform
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

_ROOT = Path(__file__).parents[2]
_REQUEST = bytes.fromhex("4889f8 4889f2 48c1c703 48c1c70d 48c1c73d 48c1c733 4887db 4889d0 c3")
"""A function in machine code, which asks Valgrind for something and does nothing outside of it: `valgrind.h` has it as
VALGRIND_DO_CLIENT_REQUEST for x86-64: four rotations that add up to nothing, and a register exchanged with itself."""
_CALLGRIND = 0x43540000
_ZERO, _DUMP, _START = _CALLGRIND + 1, _CALLGRIND + 3, _CALLGRIND + 4
_TIMES = 20
UNDER_VALGRIND = "MOCKSERVER_UNDER_VALGRIND"
"""The variable of the environment that tells a module that its work is to be counted."""
_LINE = re.compile(r"(?:\+|-|\*|0x)?[0-9a-f]*(?: [+*-]?[0-9a-f]*)* (\d+)$")


def can_count() -> bool:
    """Tells whether Valgrind is installed, on a processor whose machine code we have."""
    return shutil.which("valgrind") is not None and platform.machine() == "x86_64"


def instructions_of(module: str) -> dict[str, dict[str, float]]:
    """Returns for each piece of work the instructions that it takes each time, by the file that has them.

    The module is run in a process of its own under callgrind; it calls `count` with all its pieces of work.
    """
    with TemporaryDirectory() as folder:
        dump = Path(folder, "dump")
        command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={dump}"]
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(_ROOT), UNDER_VALGRIND: "1"}
        done = subprocess.run(
            [*command, sys.executable, "-m", module],
            cwd=_ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{module} failed under callgrind: {done.stderr[-2000:]}")
        names = json.loads(done.stdout.splitlines()[-1])
        once, twice = (
            [_read(Path(f"{dump}.{2 * number + offset}")) for number in range(len(names))] for offset in (1, 2)
        )
    return {
        name: {file: (more[file] - less[file]) / _TIMES for file in sorted(more) if more[file] > less[file]}
        for name, less, more in zip(names, once, twice, strict=True)
    }


def count(works: Mapping[str, Callable[[], object]]) -> None:
    """Does each piece of work with its caches warm, so and so often and then twice as often, and has both dumped."""
    ask = _asker()
    for work in works.values():
        for _ in range(5):
            work()
    # A collection would be counted with whatever happens to run then.
    gc.disable()
    ask(_START, 0)
    for name, work in works.items():
        for times in (_TIMES, 2 * _TIMES):
            label = ctypes.create_string_buffer(name.encode())
            ask(_ZERO, 0)
            for _ in range(times):
                work()
            ask(_DUMP, ctypes.addressof(label))
    sys.stdout.write(json.dumps(list(works)) + "\n")


def _asker() -> Callable[[int, int], None]:
    code = mmap.mmap(-1, len(_REQUEST), prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(_REQUEST)
    kept = ctypes.c_char.from_buffer(code)
    signature = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64)

    def ask(request: int, argument: int) -> None:
        words = (ctypes.c_uint64 * 6)(request, argument)
        # The address of `kept` is asked for here: the code must live as long as this function.
        signature(ctypes.addressof(kept))(ctypes.addressof(words), 0)

    return ask


def _read(dump: Path) -> Counter[str]:
    """Returns the instructions of a dump by the file of the library or program; those of calls are their callees'."""
    files: dict[str, str] = {}
    counts: Counter[str] = Counter()
    current, is_call = "?", False
    for line in dump.read_text(encoding="utf-8").splitlines():
        if line.startswith(("ob=", "cob=")):
            kind, _, told = line.partition("=")
            number, _, name = told.partition(" ")
            # A name is told once, with a number that stands for it from there on.
            file = files.setdefault(number, Path(name).name if name else "?")
            current = file if kind == "ob" else current
        elif line.startswith("calls="):
            is_call = True
        elif line[:1] in "+-*0123456789" and (match := _LINE.match(line)):
            if not is_call:
                counts[current] += int(match[1])
            is_call = False
    return counts
