"""Work that is done once for all tests, as it takes longer than the tests themselves; and what one leaves to others."""

import gc
import inspect
import signal
from collections.abc import Iterator
from functools import cache

import httpcore2
import httpx2
import pytest
from hypothesis.internal import lambda_sources

from mockserver.world import World, WorldFile
from tests.support.patience import PATIENCE

_MAX_WORLDS = 12


@pytest.fixture(scope="session", autouse=True)
def certificates_are_read_once() -> Iterator[None]:
    """Every client of httpx2 would read all that the machine trusts, which takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpcore2.default_ssl_context", cache(httpcore2.default_ssl_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_proxy_is_asked() -> Iterator[None]:
    """All that tests call is here, whatever the machine has; requests would go through the environment at each call."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "127.0.0.1,localhost")
        patch.setattr("requests.sessions.get_environ_proxies", lambda url, no_proxy=None: {})
        yield


@pytest.fixture(scope="session", autouse=True)
def clients_are_patient() -> Iterator[None]:
    """A client of httpx2 would give up after 5 seconds, which a busy machine may need."""
    usual = inspect.signature(httpx2.Client).parameters["timeout"].default
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "read", "write", "pool"):
            patch.setattr(usual, name, PATIENCE)
        yield


@pytest.fixture(scope="session", autouse=True)
def sources_are_parsed_once() -> Iterator[None]:
    """Hypothesis parses the file of a lambda to describe it, in each thread anew, and Schemathesis starts many."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AST_LAMBDAS_CACHE", "LAMBDA_DIGEST_DESCRIPTION_CACHE"):
            assert hasattr(lambda_sources, name)
            patch.setattr(lambda_sources, name, {})
        yield


@pytest.fixture(scope="session", autouse=True)
def keys_reach_programs() -> None:
    """Shells let what runs in the background ignore these signals, and so would whatever a test starts."""
    for number in (signal.SIGINT, getattr(signal, "SIGQUIT", signal.SIGINT)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def garbage_is_collected() -> Iterator[None]:
    """Commands turn the collector off at their start, as nothing comes after them; after a test others come."""
    yield
    if not gc.isenabled():
        gc.enable()
    if gc.get_freeze_count():
        gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def worlds_are_made_once() -> Iterator[None]:
    """Applications of one world share it, as sandboxes of one application do; each would draw all of it again."""
    worlds: dict[tuple[str, int, int], World] = {}

    def make(file: WorldFile, *, origin: int, seed: int) -> World:
        key = (repr(file), origin, seed)
        world = worlds.pop(key, None) or World(file, origin=origin, seed=seed)
        for oldest in list(worlds)[: max(0, len(worlds) - _MAX_WORLDS + 1)]:
            del worlds[oldest]
        return worlds.setdefault(key, world)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mockserver.world.cache.World", make)
        yield
