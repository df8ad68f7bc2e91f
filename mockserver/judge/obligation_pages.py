"""The data of pages on obligations: what their families are about, and code that breaks each of them, and mended."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from mockserver.foundation.models import FrozenModel
from mockserver.foundation.resources import resource
from mockserver.judge.catalogue import OBLIGATIONS, read_entries, read_entry

CODE_NAMES = (
    "In the code `http` is an HTTP client, `store` the leads that are held, `state` what is kept between runs, `now` "
    "MOCKSERVER_NOW."
)


class Family(FrozenModel):
    """A family of obligations."""

    about: str
    """The rest of a sentence that begins with `a correct client`."""


class ObligationCode(FrozenModel):
    """A piece of a client, in Python."""

    broken: str
    mended: str


@lru_cache
def families() -> Mapping[str, Family]:
    """Returns the families by name, in the order of the catalogue. Read once."""
    names = dict.fromkeys(obligation.family for obligation in OBLIGATIONS.values())
    return {name: read_entry(_path(name), name, Family, _entries(name)[name]) for name in names}


@lru_cache
def code_of(id: str) -> ObligationCode:
    """Returns the code of a page. Raises KeyError for an id without a page."""
    family = OBLIGATIONS[id].family
    return read_entry(_path(family), id, ObligationCode, _entries(family)[id])


def _entries(family: str) -> Mapping[str, Mapping[str, object]]:
    return read_entries(_path(family))


def _path(family: str) -> Path:
    return resource("fixtures", "obligations", "pages", f"{family}.yaml")
