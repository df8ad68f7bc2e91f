"""What is known to be broken: read from a file, laid over a report, and written from one. And what the exit code is."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError, field_validator

from mockserver.domain import Frozen
from mockserver.judge.catalogue import OBLIGATIONS
from mockserver.judge.report import BaselineReport, DrillReport, ObligationReport, Report, RulingReport
from mockserver.judge.rulings import Severity, State
from mockserver.providers.loading import provider_names
from mockserver.scenarios.errors import DocumentPath, format_path

EVERY = "*"
"""In the place of a drill's name: all of them."""
FAULT_OF_OURS = 3


class BaselineError(ValueError):
    """A baseline that cannot be used; the message names the file, the place, and what would be right."""


class Expected(Frozen):
    """One obligation that is known to be broken in a drill."""

    provider: str
    drill: str
    """The name of a drill, or `*` for all."""
    obligation: str
    why: str | None = None
    """For whoever reads the file."""

    @field_validator("provider")
    @classmethod
    def _is_a_provider(cls, name: str) -> str:
        return _known(name, "provider", provider_names())

    @field_validator("obligation")
    @classmethod
    def _is_an_obligation(cls, name: str) -> str:
        return _known(name, "obligation", OBLIGATIONS)


class Baseline(Frozen):
    """All that is known to be broken."""

    version: Literal[1]
    broken: tuple[Expected, ...] = ()


def load_baseline(path: Path) -> Baseline:
    """A YAML or JSON file. Raises BaselineError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BaselineError(f"{path}: it cannot be read as text in UTF-8: {_one_line(error)}") from None
    document, lines = _read(path, text)
    try:
        return Baseline.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)[0]
        place: DocumentPath = found["loc"]
        row = place[1] if len(place) > 1 and isinstance(place[1], int) else -1
        where = f"{path}:{lines[row]}" if 0 <= row < len(lines) else str(path)
        message = _sentence(found["type"], found["msg"], place)
        raise BaselineError(": ".join(part for part in (where, format_path(place), message) if part)) from None


def apply(baseline: Baseline, report: Report, *, whole: bool = True) -> Report:
    """The report with known rulings marked as accepted, what the baseline came to, and the exit code that follows.

    `whole` says whether the report is about all drills: only then does it mean something that an obligation which is
    expected to be broken in any drill is held in those that there are.
    """
    met = _met(report.drills)
    accepted: dict[tuple[str, str, str], None] = {}
    passed: dict[str, None] = {}
    missing: dict[str, None] = {}
    for row in baseline.broken:
        states = met[row.provider, row.obligation]
        if row.drill != EVERY:
            states = {name: state for name, state in states.items() if name == row.drill}
        found = [(row.provider, name, row.obligation) for name, state in states.items() if state is State.BROKEN]
        accepted.update(dict.fromkeys(found))
        if not found:
            held = State.HELD in states.values() and (whole or row.drill != EVERY)
            (passed if held else missing)[f"{row.provider} {row.drill} {row.obligation}"] = None
    drills = tuple(
        drill.model_copy(update={"rulings": tuple(_marked(drill, ruling, accepted) for ruling in drill.rulings)})
        for drill in report.drills
    )
    told = BaselineReport(
        accepted=tuple(map(" ".join, sorted(accepted))), passed=tuple(sorted(passed)), missing=tuple(sorted(missing))
    )
    code = exit_code(report.obligations, drills, told)
    return report.model_copy(update={"drills": drills, "baseline": told, "exit_code": code})


def write_baseline(report: Report) -> str:
    """A baseline of all that is broken now, as YAML. Without advice, which fails nobody: why should it pass one?"""
    import yaml

    duties = {(duty.provider, duty.id): duty for duty in report.obligations if duty.severity is not Severity.ADVICE}
    rows = [
        {
            "provider": drill.provider,
            "drill": drill.name,
            "obligation": ruling.obligation,
            "why": f"a correct client {duty.sentence}",
        }
        for drill in report.drills
        for ruling in drill.broken
        if (duty := duties.get((drill.provider, ruling.obligation)))
    ]
    rows.sort(key=lambda row: (row["provider"], row["obligation"], row["drill"]))
    about = "# Known to be broken: accepted by `mockserver conform --baseline`, and a failure once it is held.\n"
    return about + yaml.safe_dump({"version": 1, "broken": rows}, sort_keys=False, allow_unicode=True, width=120)


def exit_code(
    obligations: Iterable[ObligationReport], drills: Iterable[DrillReport], baseline: BaselineReport | None = None
) -> int:
    """3 for a fault of ours; else 1 when a must or should is broken that is not accepted, or one was to be broken and
    is held; else 0."""
    drills, obligations = tuple(drills), tuple(obligations)
    if any(drill.faulty or any(ruling.state is State.FAULTY for ruling in drill.rulings) for drill in drills):
        return FAULT_OF_OURS
    by_drills = {(drill.provider, ruling.obligation) for drill in drills for ruling in drill.broken}
    fresh = {(drill.provider, ruling.obligation) for drill in drills for ruling in drill.broken if not ruling.accepted}
    for duty in obligations:
        key = (duty.provider, duty.id)
        # What is broken in no single drill, but over all of them, no baseline can name.
        broken = key in fresh or (duty.state is State.BROKEN and key not in by_drills)
        if broken and duty.severity is not Severity.ADVICE:
            return 1
    return 1 if baseline is not None and baseline.passed else 0


def _met(drills: Iterable[DrillReport]) -> Mapping[tuple[str, str], Mapping[str, State]]:
    """By provider and obligation, in which drill it was met how. A drill that failed us cannot say that it is held."""
    met: defaultdict[tuple[str, str], dict[str, State]] = defaultdict(dict)
    for drill in drills:
        for ruling in drill.rulings:
            unsure = bool(drill.faulty) and ruling.state is State.HELD
            met[drill.provider, ruling.obligation][drill.name] = State.FAULTY if unsure else ruling.state
    return met


def _marked(drill: DrillReport, ruling: RulingReport, accepted: Mapping[tuple[str, str, str], None]) -> RulingReport:
    known = (drill.provider, drill.name, ruling.obligation) in accepted
    return ruling if known == ruling.accepted else ruling.model_copy(update={"accepted": known})


def _read(path: Path, text: str) -> tuple[Any, list[int]]:
    """The document, and in YAML the line of each row."""
    import yaml

    if text.lstrip().startswith("{"):
        # JSON may be indented by tabs, which YAML does not take.
        try:
            return json.loads(text), []
        except json.JSONDecodeError as error:
            raise BaselineError(f"{path}:{error.lineno}: it cannot be read as JSON: {error.msg}") from None
    try:
        loader: Any = yaml.SafeLoader(text)
        node = loader.get_single_node()
        document = None if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        reason = getattr(error, "problem", None) or error
        raise BaselineError(f"{where}: it cannot be read as YAML: {_one_line(reason)}") from None
    members = node.value if isinstance(node, yaml.MappingNode) else []
    rows = next((value for key, value in members if key.value == "broken"), None)
    return document, [row.start_mark.line + 1 for row in rows.value] if isinstance(rows, yaml.SequenceNode) else []


def _known(name: str, noun: str, names: Iterable[str]) -> str:
    if name in (names := list(names)):
        return name
    folded = {known.lower(): known for known in names}
    close = get_close_matches(name.lower(), folded, n=1, cutoff=0.4)
    hint = f"did you mean {folded[close[0]]}?" if close else f"there is {', '.join(names)}"
    raise ValueError(f"there is no {noun} {name!r}; {hint}")


def _sentence(type: str, message: str, place: DocumentPath) -> str:
    model = Expected if len(place) > 1 else Baseline
    if type == "missing":
        return "it is missing"
    if type == "extra_forbidden":
        return f"there is no such member; there is {', '.join(model.model_fields)}"
    if type == "model_type":
        return f"it is to be a mapping with {', '.join(model.model_fields)}"
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _one_line(error: object) -> str:
    return " ".join(str(error).split())
