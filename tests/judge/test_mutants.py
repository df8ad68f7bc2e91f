"""The mutation test of the judge: for each judging function there is evidence whose verdict needs it."""

import json
import subprocess
import sys
from typing import Any

import pytest

from mockserver.judge.catalogue import READINGS

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

EQUIVALENT = {"obligations.people.may_tell -> True"}
"""Functions that change no verdict, as they are meant to: that one only saves the search of texts that tell nobody."""


@pytest.fixture(scope="module")
def found() -> Any:
    """What the program that removes judging functions writes, in a process that has imported no test yet."""
    command = [sys.executable, "-m", "tests.support.mutation"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_the_tests_that_make_evidence_pass_and_make_much(found: Any) -> None:
    assert found["failed"] == 0
    assert found["evidence"] > 1_000
    assert found["functions"] > 200


def test_each_obligation_is_broken_by_some_evidence(found: Any) -> None:
    assert found["never_broken"] == [READINGS]  # it is broken by what other judges find under a reading


def test_no_judging_function_can_be_removed_without_a_verdict_that_changes(found: Any) -> None:
    assert set(found["survivors"]) == EQUIVALENT
