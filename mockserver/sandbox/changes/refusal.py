"""Refusals of changes, and the checks that every change makes first."""

from typing import Any

from mockserver.domain import Kind
from mockserver.foundation.clock import LATEST
from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.sandbox import Sandbox


class ChangeRefused(ValueError):
    """The change cannot be made, and nothing was changed; the message says why and what would be right."""


class KeysRefused(ChangeRefused):
    """A provider has no signing keys, or needs all that it may have."""


def checked_now(sandbox: Sandbox) -> Epoch:
    """Returns the present of the sandbox's clock. Raises ChangeRefused where an answer cannot hold that moment."""
    now = sandbox.clock.now()
    if not 0 <= now <= LATEST:
        raise ChangeRefused("The clock of the sandbox must stand between the years 1970 and 9994 for a change.")
    return now


def check_agency(sandbox: Sandbox, agency: int) -> int:
    """The agency, which is one of the world. Raises ChangeRefused."""
    if agency not in sandbox.world.agencies:
        raise ChangeRefused(f"There is no agency {agency}; {enumerated(sandbox.world.agencies)} are there.")
    return agency


def agency_entity(sandbox: Sandbox, kind: Kind, id: int, agency: int) -> Any:
    """The entity with that id at that agency. Raises ChangeRefused."""
    entity = sandbox.store.get(kind, id)
    if entity is None or entity.agency != agency:
        raise ChangeRefused(f"Agency {agency} has no {kind.value} {id}.")
    return entity


def enumerated(names: Any) -> str:
    """Some names in order, `101, 102 and 103`; the word `none` when there are none."""
    *most, last = [str(name) for name in sorted(names)] or ["none"]
    return f"{', '.join(most)} and {last}" if most else last
