"""Reads leads as a provider shows them, once for all drills in the same world: most of them no drill changes."""

from collections.abc import Callable, Mapping

from mockserver.domain import Enquiry, Entity, Kind
from mockserver.provider_api.judge_adapter import JudgeAdapter, SeenLead
from mockserver.provider_api.provider import Provider
from mockserver.provider_api.view_context import View, ViewContext
from mockserver.sandbox.sandbox import Sandbox
from mockserver.world import World

_MAX_WORLDS = 8
"""Worlds that live on, with their leads, when no drill is in them any more."""

_Parts = tuple[Enquiry, Entity | None, Entity | None]
"""An enquiry, its seeker and its estate: all that a view shows of it."""
ReadView = Callable[[Enquiry], SeenLead]
"""Reads an enquiry of one sandbox as its provider shows it there now."""


class LeadViews:
    """The leads of the latest worlds. To be used where calls are answered."""

    def __init__(self) -> None:
        self._worlds: dict[World, dict[tuple[str, int], tuple[_Parts, SeenLead]]] = {}

    def of(self, sandbox: Sandbox, provider: Provider, adapter: JudgeAdapter, view: View) -> ReadView:
        """Returns a function that reads enquiries of a sandbox.

        Under other readings than the defaults everything is read there and then, since no other drill has them.
        """

        def read(enquiry: Enquiry) -> SeenLead:
            return adapter.read_lead(view(enquiry, ViewContext.of(sandbox, provider.contract)))

        if not _has_defaults(sandbox.variants[provider.name], provider):
            return read
        seen = self._of_world(sandbox.world)

        def read_once(enquiry: Enquiry) -> SeenLead:
            parts, key = _parts(enquiry, sandbox), (provider.name, enquiry.id)
            entry = seen.get(key)
            if entry is None:
                entry = seen[key] = (parts, read(enquiry))
            return entry[1] if all(map(_is_same, entry[0], parts)) else read(enquiry)

        return read_once

    def _of_world(self, world: World) -> dict[tuple[str, int], tuple[_Parts, SeenLead]]:
        seen = self._worlds.pop(world, {})
        self._worlds[world] = seen
        if len(self._worlds) > _MAX_WORLDS:
            del self._worlds[next(iter(self._worlds))]
        return seen


def _has_defaults(readings: Mapping[str, str], provider: Provider) -> bool:
    variants = provider.contract.variants
    return all(variants[name].default == reading for name, reading in readings.items())


def _parts(enquiry: Enquiry, sandbox: Sandbox) -> _Parts:
    store = sandbox.store
    estate = None if enquiry.estate is None else store.get(Kind.ESTATE, enquiry.estate)
    return enquiry, store.get(Kind.PERSON, enquiry.seeker), estate


def _is_same(one: Entity | None, other: Entity | None) -> bool:
    return one is other
