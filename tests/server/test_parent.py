"""A server that is to end with the process that started it."""

import json
import subprocess
import sys
import threading
import time

import pytest

from mockserver.server.parent import follow_parent
from tests.conftest import ROOT
from tests.support.patience import PATIENCE

# The parent is killed without being able to do anything about its child, and leaves its pipes to it.
_PARENT = """
import os, subprocess, sys
words = ["mockserver", "serve", "--world", "small", "--port", "0", *sys.argv[1:]]
server = subprocess.Popen([sys.executable, "-m", *words])
sys.stdin.readline()
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("more", [[], ["--workers", "2"]])
def test_a_server_ends_with_its_parent_when_it_is_told_to(
    more: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = ["--store", f"sqlite:///{tmp_path_factory.mktemp('store')}/s.db"] if more else []
    command = [sys.executable, "-c", _PARENT, "--exit-with-parent", *more, *store]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        assert json.loads(parent.stdout.readline())["pid"] != parent.pid
        parent.stdin.write("die\n")
        parent.stdin.flush()
        # Both ends of the server's pipes close when the last process of it has ended.
        assert parent.stdout.read() == ""
        assert parent.stderr is not None
        assert "stopped" in parent.stderr.read()


def test_nothing_happens_while_the_parent_is_there() -> None:
    ended = threading.Event()
    thread = follow_parent(end=ended.set)
    time.sleep(0.05)
    assert thread.is_alive()
    assert not ended.is_set()


def test_a_parent_that_was_gone_at_once_is_noticed() -> None:
    ended = threading.Event()
    follow_parent(parent=-1, end=ended.set)
    assert ended.wait(PATIENCE)
