"""The judge judged: reference clients must come out clean, and of clients with one bug each that bug must be named."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from mockserver.foundation.dataclass import dataclass
from mockserver.judge.catalogue import OBLIGATIONS, reasons_of, severity_of
from mockserver.judge.drill import Drill
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.progress import SuiteProgress
from mockserver.judge.report import DrillReport
from mockserver.judge.rulings import Severity
from mockserver.judge.shipped_clients import ShippedClient, broken_clients, reference_client
from mockserver.judge.verdicts import JudgedDrill, conclude, judge_drill

_SIDE_BY_SIDE = 6
"""Clients at the same time: mostly they wait before they try again."""
_SETTLE, _LONG_SETTLE = 1.0, 4.0
_GIVES_UP = "FAULT-04"
"""Its client, which never gives up, must not seem to rest where the machine keeps it waiting."""
_TIMEOUT = 60.0

_OnProgress = Callable[[SuiteProgress], None]
_Result = TypeVar("_Result")
_Breaches = Mapping[str, Sequence[str]]
"""The findings of each obligation that was broken."""


@dataclass(frozen=True, slots=True)
class SelftestResult:
    """The verdict on a client that comes with the package, and whether it is the right one."""

    client: ShippedClient
    right: bool
    named: bool
    """Whether the bug was found; without one that is so."""
    verdict: str


def run_selftest(
    providers: Sequence[str] = (), *, jobs: int | None = None, on_progress: _OnProgress | None = None
) -> list[SelftestResult]:
    """Judges the references by the whole battery, and each broken client by the drills that aim at what it breaks.

    For each provider that is named there is a client for each obligation; without providers one for each obligation,
    of the providers in turn. Raises ConformError.
    """
    with JudgeServer() as judge_server, ThreadPoolExecutor(jobs or _SIDE_BY_SIDE, thread_name_prefix="self") as pool:
        return _Selftest(judge_server, pool, providers, on_progress or (lambda progress: None)).run()


class _Selftest:
    """A selftest in the threads of a pool."""

    def __init__(
        self, judge_server: JudgeServer, pool: ThreadPoolExecutor, providers: Sequence[str], on_progress: _OnProgress
    ) -> None:
        self._judge_server = judge_server
        self._pool = pool
        self._drills = judge_server.battery(providers)
        names = list(dict.fromkeys(drill.provider for drill in self._drills))
        self._references = [reference_client(name) for name in names]
        self._broken = list(_one_for_each_obligation(names, in_turn=not providers))
        self._on_progress = on_progress
        self._done = 0
        self._programs: list[Function] = []
        self._is_stopped = False

    def run(self) -> list[SelftestResult]:
        try:
            return self._run()
        except BaseException:  # Ctrl-C, too: no client is waited for.
            self._is_stopped = True
            self._pool.shutdown(wait=False, cancel_futures=True)
            for program in list(self._programs):
                program.stop()
            raise

    def _run(self) -> list[SelftestResult]:
        broken = [self._pool.submit(self._broken_client, client) for client in self._broken]
        futures_of = [
            [self._pool.submit(self._judged, client, drill) for drill in self._drills_of(client)]
            for client in self._references
        ]
        judged = [_results(futures) for futures in futures_of]
        references = [
            _of_reference(client, _breaches(conclude(drills, strict=True)))
            for client, drills in zip(self._references, judged, strict=True)
        ]
        # A bug that shows in how long a client waits can hide beside others, on a busy machine: it is looked at alone.
        named = [result if result.named else self._broken_client(result.client) for result in _results(broken)]
        return [*references, *named]

    def _drills_of(self, client: ShippedClient) -> list[Drill]:
        return [drill for drill in self._drills if drill.provider == client.provider]

    def _judged(self, client: ShippedClient, drill: Drill) -> JudgedDrill:
        program = Function(client.run, _TIMEOUT, _LONG_SETTLE if client.obligation == _GIVES_UP else _SETTLE)
        self._programs.append(program)
        if self._is_stopped:
            program.stop()
        judged = judge_drill(self._judge_server.run_drill(drill, program), reasons_of(drill.provider))
        if client.obligation is None:
            self._tell(client)
        return judged

    def _broken_client(self, client: ShippedClient) -> SelftestResult:
        """Goes through the drills until one shows the bug: some drills are the same for each reading."""
        judged: list[JudgedDrill] = []
        breaches: _Breaches = {}
        for drill in self._drills_of(client):
            if client.obligation in drill.scenario.judging.aims:
                judged.append(self._judged(client, drill))
                breaches = _breaches(conclude(judged, strict=True))
                if client.obligation in breaches:
                    break
        self._tell(client)
        return _of_broken(client, breaches, [drill.name for drill in judged])

    def _tell(self, client: ShippedClient) -> None:
        self._done += 1
        of_references = sum(len(self._drills_of(reference)) for reference in self._references)
        total = of_references + len(self._broken)
        self._on_progress(SuiteProgress(min(self._done, total), total, f"{client.provider}: {client.about}"))


def _results(futures: Iterable[Future[_Result]]) -> list[_Result]:
    return [future.result() for future in futures]


def _one_for_each_obligation(names: Sequence[str], *, in_turn: bool) -> Iterator[ShippedClient]:
    by_provider = {name: broken_clients(name) for name in names}
    for turn, obligation in enumerate(OBLIGATIONS):
        first = [
            next((client for client in clients if client.obligation == obligation), None)
            for clients in by_provider.values()
        ]
        fitting = [client for client in first if client is not None]
        yield from fitting[turn % len(fitting) :][:1] if in_turn and fitting else fitting


def _breaches(reports: Sequence[DrillReport]) -> _Breaches:
    breaches: dict[str, list[str]] = {}
    for report in reports:
        for ruling in report.broken:
            texts = [f"{report.name}: {finding.text}" for finding in ruling.findings]
            breaches.setdefault(ruling.obligation, []).extend(texts)
    return breaches


def _of_reference(client: ShippedClient, breaches: _Breaches) -> SelftestResult:
    return SelftestResult(client, not breaches, True, _in_words(breaches) or "clean")


def _of_broken(client: ShippedClient, breaches: _Breaches, drills: Sequence[str]) -> SelftestResult:
    """Rules that the bug must be named, and that no other must is charged with it."""
    others = {
        id: texts
        for id, texts in breaches.items()
        if id != client.obligation and severity_of(client.provider, id) is Severity.MUST
    }
    named = client.obligation in breaches
    verdict = f"named in {drills[-1]}" if named else f"not named in {', '.join(drills) or 'any drill'}"
    more = f", but there is {_in_words(others)}" if others else ""
    return SelftestResult(client, named and not others, named, verdict + more)


def _in_words(breaches: _Breaches) -> str:
    return "; ".join(f"{id} ({texts[0] if texts else 'broken'})" for id, texts in breaches.items())


def table_of(results: Sequence[SelftestResult]) -> list[tuple[str, ...]]:
    """Returns the rows of a table: whether it is right, provider, obligation, the client, the verdict."""
    return [
        (
            "right" if result.right else "WRONG",
            result.client.provider,
            result.client.obligation or "",
            result.client.about,
            result.verdict,
        )
        for result in results
    ]
