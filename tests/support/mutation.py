"""Removes the judging functions one at a time, and tells which of them no hand-made evidence misses.

The unit tests of the judge make evidence. All of it is recorded, and judged once as the judge is. Then each function
that took part is replaced by one that returns nothing, and what it took part in is judged again: a ruling must change.
As a program it writes the functions for which none does.
"""

import gc
import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache, partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, TextIO, get_origin

import pytest

from mockserver.judge import crashes, losses, obligations, pagination_overrun, verdicts
from mockserver.judge.evidence import Evidence
from mockserver.judge.obligations import JUDGES
from mockserver.judge.rulings import HELD, Ruling, State

_TESTS = Path(__file__).parents[1] / "judge"
MAKERS = (
    "obligations",
    "test_losses.py",
    "test_crashes.py",
    "test_oracle.py",
    "test_false_alarms.py",
    "test_verdicts.py",
)
"""Tests that make evidence by hand, and verdicts of it."""
Witness = tuple[Evidence, str]
"""Evidence, and the obligation by which it is judged."""
Conclusion = tuple[Sequence[verdicts.JudgedDrill], bool]


def judging_modules() -> list[ModuleType]:
    """Returns the modules whose functions judge."""
    names = [name for _, name, _ in pkgutil.iter_modules(obligations.__path__, f"{obligations.__name__}.")]
    return [*map(importlib.import_module, names), losses, crashes, pagination_overrun]


def functions_of(module: ModuleType) -> Iterator[FunctionType]:
    """Returns the functions that are written in a module, with those behind caches."""
    for value in vars(module).values():
        function = inspect.unwrap(value) if callable(value) else value
        if isinstance(function, FunctionType) and function.__module__ == module.__name__ and not function.__closure__:
            yield function


class Recording:
    """The evidence and the conclusions that tests make."""

    def __init__(self) -> None:
        self.evidence: list[Evidence] = []
        self.conclusions: list[Conclusion] = []

    def record(self) -> int:
        """Runs the tests that make evidence. To be called before anything has imported them."""
        init, conclude = Evidence.__init__, verdicts.conclude

        def recorded(evidence: Evidence, *args: Any, **members: Any) -> None:
            init(evidence, *args, **members)
            self.evidence.append(evidence)

        def concluded(judged: Sequence[verdicts.JudgedDrill], *, strict: bool = False) -> Any:
            self.conclusions.append((judged, strict))
            return conclude(judged, strict=strict)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Evidence, "__init__", recorded)
            patch.setattr(verdicts, "conclude", concluded)
            return int(pytest.main(["-q", "-p", "no:cacheprovider", *(str(_TESTS / name) for name in MAKERS)]))


@lru_cache
def caches() -> tuple[Any, ...]:
    """Returns the caches of judging functions, which would hide that one is replaced."""
    values = (value for module in judging_modules() for value in vars(module).values())
    return tuple(dict.fromkeys(value for value in values if hasattr(value, "cache_clear")))


def forget(evidence: Evidence) -> None:
    """Empties all caches, also those of the evidence and of its runs."""
    for function in caches():
        function.cache_clear()
    for cached in (evidence, *evidence.runs):
        for name in cached_names(type(cached)) & vars(cached).keys():
            del vars(cached)[name]


def _cached_names(model: type) -> frozenset[str]:
    members = (member for base in model.__mro__ for member in vars(base).items())
    return frozenset(name for name, value in members if isinstance(value, cached_property))


cached_names: Callable[[Any], frozenset[str]] = lru_cache(_cached_names)
"""Returns the names of the members of a class that are worked out once."""


def judged(witness: Witness) -> Ruling | str:
    """Returns the ruling, or the name of the error that came of it."""
    forget(witness[0])
    return judged_at_once(witness)


def judged_at_once(witness: Witness) -> Ruling | str:
    """Returns the same, with what is in caches."""
    evidence, id = witness
    try:
        return JUDGES[id](evidence)
    except Exception as error:
        return type(error).__name__


def concluded(conclusion: Conclusion) -> Any:
    """Returns the reports of a conclusion, or the name of the error that came of it."""
    try:
        return verdicts.conclude(conclusion[0], strict=conclusion[1])
    except Exception as error:
        return type(error).__name__


class Traced:
    """The functions that took part in each ruling."""

    def __init__(self, recording: Recording) -> None:
        self.rulings: dict[Witness, Ruling] = {}
        self.parts: dict[CodeType, list[Witness]] = {}
        self._codes = {function.__code__ for module in judging_modules() for function in functions_of(module)}
        for evidence in recording.evidence:
            for id in JUDGES:
                self._trace((evidence, id))
        for witnesses in self.parts.values():
            witnesses.sort(key=lambda witness: self.rulings[witness].state is not State.BROKEN)

    def _trace(self, witness: Witness) -> None:
        called: set[CodeType] = set()

        def profile(frame: Any, event: str, argument: Any) -> None:
            if event == "call" and frame.f_code in self._codes:
                called.add(frame.f_code)

        # Before, since what is called meanwhile is called at a multiple of its time.
        forget(witness[0])
        sys.setprofile(profile)
        try:
            ruling = judged_at_once(witness)
        finally:
            sys.setprofile(None)
        if isinstance(ruling, Ruling):
            self.rulings[witness] = ruling
            for code in called:
                self.parts.setdefault(code, []).append(witness)


def returns(value: Any) -> CodeType:
    """Returns the code of a function that returns that constant, whatever it is called with."""
    template = (lambda *args, **members: "constant").__code__
    return template.replace(co_consts=tuple(value if each == "constant" else each for each in template.co_consts))


@lru_cache
def replacements(annotation: str) -> tuple[tuple[str, CodeType], ...]:
    """Returns what a function of that type is replaced by, with its name."""
    if annotation == "bool":
        return ("True", returns(True)), ("False", returns(False))
    if annotation.endswith("| None"):
        return (("None", returns(None)),)
    if annotation == "Ruling":
        return (("held", returns(HELD)),)
    kind = annotation.partition("[")[0].lower()
    empty: dict[str, Callable[..., Any]] = {
        "list": lambda *args, **members: [],
        "dict": lambda *args, **members: {},
        "mapping": lambda *args, **members: {},
        "set": lambda *args, **members: set(),
        "frozenset": lambda *args, **members: frozenset(),
        "iterator": lambda *args, **members: iter(()),
        "tuple": lambda *args, **members: (),
    }
    if kind in empty:
        return (("nothing", empty[kind].__code__),)
    if annotation in ("str", "int", "float"):
        return ((repr({"str": "", "int": 0, "float": 0.0}[annotation]), returns({"str": ""}.get(annotation, 0))),)
    return (("None", returns(None)),)


def annotation_of(function: FunctionType) -> str:
    annotation = inspect.signature(function).return_annotation
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation).rpartition(".")[2]


def makes_a_judge(function: FunctionType) -> bool:
    """Tells whether it makes a judge when its module is imported, and takes no part in any ruling itself."""
    return get_origin(inspect.signature(function).return_annotation) is Callable


def survivors(traced: Traced) -> Iterator[str]:
    """Yields the functions of judging modules that can be replaced without any ruling that changes."""
    for module in judging_modules():
        for function in functions_of(module):
            witnesses = traced.parts.get(function.__code__, [])
            if not witnesses and makes_a_judge(function):
                continue
            for name, code in replacements(annotation_of(function)):
                if not _changes(function, code, partial(_is_missed, traced, witnesses)):
                    yield f"{module.__name__.removeprefix('mockserver.judge.')}.{function.__name__} -> {name}"


def _is_missed(traced: Traced, witnesses: Sequence[Witness]) -> bool:
    return any(judged(witness) != traced.rulings[witness] for witness in witnesses)


def surviving_verdicts(recording: Recording) -> Iterator[str]:
    """Yields the steps of a conclusion that can be left out without any report that changes."""
    before = [concluded(each) for each in recording.conclusions]
    for step in ("_one_crash", "_by_reading", "_without", "_rulings"):
        function = vars(verdicts)[step]
        code = (lambda rulings, *args: rulings).__code__ if step != "_rulings" else (lambda *args: ()).__code__
        if not _changes(function, code, lambda: before != [concluded(each) for each in recording.conclusions]):
            yield f"verdicts.{step}"


def _changes(function: FunctionType, code: CodeType, holds: Callable[[], bool]) -> bool:
    """Tells whether something holds while a function has other code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(function, "__code__", code)
        changed = holds()
    return changed


def main(out: TextIO) -> int:
    recording = Recording()
    failed = recording.record()
    # All evidence stays to the end, and the collector would go through it again and again.
    gc.freeze()
    traced = Traced(recording)
    broken = {id for (_, id), ruling in traced.rulings.items() if ruling.state is State.BROKEN}
    found = {
        "failed": failed,
        "never_broken": sorted(JUDGES.keys() - broken),
        "survivors": [*survivors(traced), *surviving_verdicts(recording)],
        "evidence": len(recording.evidence),
        "functions": sum(1 for module in judging_modules() for _ in functions_of(module)),
    }
    out.write(f"\n{json.dumps(found)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdout))
