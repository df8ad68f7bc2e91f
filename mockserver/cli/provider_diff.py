"""What becomes of each member of a lead for who moves from one provider to another: `mockserver world diff`."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Literal

from mockserver.foundation.settings import SettingsError
from mockserver.provider_api.field_tracing import Trace, trace_fields
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.loading import lead_view
from mockserver.server.app import MockServer

Relation = Literal["same", "renamed", "lossy", "no counterpart"]


@dataclass(frozen=True, slots=True)
class Row:
    """One member of the world, and where the two providers show it."""

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


def compare(server: MockServer, here: str, there: str) -> list[Row]:
    """Every member that either provider shows. SettingsError when there is no such provider.

    Nothing is declared: members of leads of the default sandbox are changed one by one, and whatever changes in the
    two answers is where they are shown.
    """
    for name in (here, there):
        if name not in server.providers:
            raise SettingsError(f"there is no provider {name!r}; there is {', '.join(server.providers)}")
    contracts = [server.providers[name].contract for name in (here, there)]
    contexts = (ViewContext.of(server.sandbox, contracts[0]), ViewContext.of(server.sandbox, contracts[1]))
    traces = trace_fields(server.sandbox, contexts, (lead_view(here), lead_view(there)))
    shown = {name: found for name, found in traces.items() if found.here or found.there}
    return [_row(name, found, shown) for name, found in sorted(shown.items())]


def _row(name: str, found: Trace, shown: dict[str, Trace]) -> Row:
    return Row(name, tuple(sorted(found.here)), tuple(sorted(found.there)), _relation(name, found, shown))


def _relation(name: str, found: Trace, shown: dict[str, Trace]) -> Relation:
    if not found.here or not found.there:
        return "no counterpart"
    if _is_merged(found) or _is_joined(name, found, shown):
        return "lossy"
    return "same" if found.here == found.there and _is_equal(found) else "renamed"


def _is_merged(found: Trace) -> bool:
    """Whether two values that the old provider told apart are one at the new one."""
    return any(
        one.here != other.here and one.there == other.there
        for tries in found.tries
        for one, other in combinations(tries, 2)
    )


def _is_joined(name: str, found: Trace, shown: dict[str, Trace]) -> bool:
    """Whether the new provider has it in one text with another one, from which the old one kept it apart."""
    others = [other for at, other in shown.items() if at != name and other.text]
    return found.text and any(found.there <= other.there and not found.here & other.here for other in others)


def _is_equal(found: Trace) -> bool:
    """Whether the values are the same, too."""
    pointers = found.here
    return all(
        _values(shown.here, pointers) == _values(shown.there, pointers) for tries in found.tries for shown in tries
    )


def _values(flat: Any, pointers: Iterable[str]) -> dict[str, Any]:
    plain = [pointer for pointer in pointers if pointer in flat]
    return {pointer: flat[pointer] for pointer in plain}
