"""Lists the battery before anything is run: the drills and why they are there, the obligations and their reasons."""

import json
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from mockserver.foundation.texts import counted
from mockserver.judge.catalogue import OBLIGATIONS, reasons_of
from mockserver.judge.drill import Drill
from mockserver.judge.reasons import ObligationReason, effective_severity
from mockserver.judge.reports.wording import rests_on
from mockserver.judge.rulings import Obligation

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH = 120
_INDENT = "    "


def show(drills: Sequence[Drill], verbose: bool, console: "Console", others: Sequence[Drill] = ()) -> None:
    """Writes the battery for a person, a drill once for all providers that have it, and then the drills of none."""
    together = _by_name(drills)
    _situations(together, console)
    numbers = f"{counted(len(drills), 'drill')}: {counted(len(together), 'situation')}"
    console.print(f"{numbers}, each for the providers that have it", soft_wrap=True)
    if others:
        console.print("\nNot in the battery, and judged when they are named:\n", soft_wrap=True)
        _situations(_by_name(others), console)
    for provider, obligation, reason in _obligations(drills) if verbose else ():
        head = f"{effective_severity(obligation, reason)} of a client of {provider}: {obligation.sentence}"
        _paragraph(console, obligation.id, head, reason.reason, *rests_on(reason.rests_on, reason.needs_all))


def _by_name(drills: Sequence[Drill]) -> dict[str, list[Drill]]:
    together: dict[str, list[Drill]] = {}
    for drill in drills:
        together.setdefault(drill.name, []).append(drill)
    return together


def _situations(together: Mapping[str, Sequence[Drill]], console: "Console") -> None:
    for name, same in together.items():
        facts = f"{', '.join(drill.provider for drill in same)}; {counted(same[0].run_count, 'run')}"
        aims = aims_of(same[0])
        facts += "; another reading: advice, unless --strict" if same[0].variant else ""
        aimed = [f"aims at {', '.join(aims)}"] if aims else []
        _paragraph(console, name, facts, *aimed, same[0].why)


def _paragraph(console: "Console", name: str, head: str, *texts: str) -> None:
    from rich.text import Text

    console.print(Text.assemble((name, "bold"), "  ", head), soft_wrap=True)
    for text in texts:
        lines = wrap(text, min(console.width, _WIDTH) - len(_INDENT))
        console.print(Text("\n".join(_INDENT + line for line in lines), "dim"), soft_wrap=True)
    console.print()


def as_json(drills: Sequence[Drill], others: Sequence[Drill] = ()) -> str:
    """Returns the battery and its obligations for programs, and the drills of no battery."""
    document = {
        "drills": [_drill_row(drill) for drill in (*drills, *others)],
        "obligations": [_as_row(*obligation) for obligation in _obligations(drills)],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _drill_row(drill: Drill) -> dict[str, Any]:
    return {
        "name": drill.name,
        "provider": drill.provider,
        "variant": drill.variant,
        "runs": drill.run_count,
        "aims": aims_of(drill),
        "why": drill.why,
        "in_battery": drill.in_battery,
    }


def aims_of(drill: Drill) -> list[str]:
    """Returns the obligations that a drill is for."""
    return list(drill.scenario.judging.aims)


def _obligations(drills: Sequence[Drill]) -> Iterator[tuple[str, Obligation, ObligationReason]]:
    for provider in dict.fromkeys(drill.provider for drill in drills):
        reasons = reasons_of(provider)
        yield from ((provider, OBLIGATIONS[id], reasons[id]) for id in OBLIGATIONS if id in reasons)


def _as_row(provider: str, obligation: Obligation, reason: ObligationReason) -> dict[str, Any]:
    return {
        "id": obligation.id,
        "provider": provider,
        "severity": effective_severity(obligation, reason),
        "sentence": obligation.sentence,
        "reason": reason.reason,
        "document": reason.document,
        "level": reason.level,
        "rests_on": [support.model_dump(mode="json") for support in reason.rests_on],
        "needs_all": reason.needs_all,
        "remedy": obligation.remedy,
    }
