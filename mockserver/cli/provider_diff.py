"""`mockserver world diff` compares two providers: each member of a lead is the same, renamed, lossy or missing."""

from collections.abc import Iterable
from dataclasses import asdict
from itertools import combinations
from typing import Any, Literal

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.settings import SettingsError
from mockserver.provider_api.field_tracing import Trace, trace_fields
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.loading import lead_view
from mockserver.server.app import MockServer

Relation = Literal["same", "renamed", "lossy", "no counterpart"]


@dataclass(frozen=True, slots=True)
class MemberDiff:
    """A member of the world, and the places at which the two providers show it."""

    member: str
    here: tuple[str, ...]
    """JSON pointers into a lead of the provider that is left, `-` for any number; empty where it does not show it."""
    there: tuple[str, ...]
    relation: Relation
    """same: the same pointer with the same value; renamed: another pointer, or the same thing in other words;
    lossy: the new provider does not tell apart what the old one did; no counterpart: only one of them shows it.
    """

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)


def compare(server: MockServer, here: str, there: str) -> list[MemberDiff]:
    """Every member that either provider shows. SettingsError when there is no such provider.

    Nothing is declared: members of leads of the default sandbox are changed one by one, and whatever changes in the
    two answers is where they are visible.
    """
    for name in (here, there):
        if name not in server.providers:
            raise SettingsError(f"there is no provider {name!r}; there is {', '.join(server.providers)}")
    contracts = [server.providers[name].contract for name in (here, there)]
    contexts = (ViewContext.of(server.sandbox, contracts[0]), ViewContext.of(server.sandbox, contracts[1]))
    traces = trace_fields(server.sandbox, contexts, (lead_view(here), lead_view(there)))
    visible = {name: traced for name, traced in traces.items() if traced.here or traced.there}
    return [_diff(name, traced, visible) for name, traced in sorted(visible.items())]


def _diff(name: str, traced: Trace, visible: dict[str, Trace]) -> MemberDiff:
    return MemberDiff(name, tuple(sorted(traced.here)), tuple(sorted(traced.there)), _relation(name, traced, visible))


def _relation(name: str, traced: Trace, visible: dict[str, Trace]) -> Relation:
    if not traced.here or not traced.there:
        return "no counterpart"
    if _is_merged(traced) or _is_joined(name, traced, visible):
        return "lossy"
    return "same" if traced.here == traced.there and _is_equal(traced) else "renamed"


def _is_merged(traced: Trace) -> bool:
    """Tells whether two values that differ at the old provider are one at the new one."""
    return any(
        one.here != other.here and one.there == other.there
        for tries in traced.tries
        for one, other in combinations(tries, 2)
    )


def _is_joined(name: str, traced: Trace, visible: dict[str, Trace]) -> bool:
    """Tells whether the new provider has it in one text with another member, which stands apart at the old one."""
    others = [other for at, other in visible.items() if at != name and other.text]
    return traced.text and any(traced.there <= other.there and not traced.here & other.here for other in others)


def _is_equal(traced: Trace) -> bool:
    """Tells whether both providers show the same values."""
    pointers = traced.here
    return all(
        _values(lead.here, pointers) == _values(lead.there, pointers) for tries in traced.tries for lead in tries
    )


def _values(flat: Any, pointers: Iterable[str]) -> dict[str, Any]:
    plain = [pointer for pointer in pointers if pointer in flat]
    return {pointer: flat[pointer] for pointer in plain}
