"""Errors of the judge, and of what it runs, become one sentence and an exit code."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC

import click

from mockserver.contract.errors import ContractError
from mockserver.foundation.settings import SettingsError
from mockserver.world import WorldError

FAULT_OF_OURS = 3


@contextmanager
def sentences() -> Iterator[None]:
    """Errors that the user can mend become one sentence and exit code 2, as with every command; all else is ours."""
    try:
        yield
    except (click.ClickException, ContractError, WorldError, SettingsError, BrokenPipeError):
        raise
    except Exception as error:
        if _can_be_mended(error):
            raise SettingsError(str(error)) from None
        if isinstance(error, OSError) and error.errno == ENOSPC:
            raise
        traceback.print_exc()
        click.echo("mockserver: this is a fault of ours and none of the client; please report it", err=True)
        sys.exit(FAULT_OF_OURS)


def _can_be_mended(error: Exception) -> bool:
    from mockserver.judge.baseline_file import BaselineError
    from mockserver.judge.program import ConformError
    from mockserver.scenarios import ScenarioError

    return isinstance(error, ConformError | BaselineError | ScenarioError)
