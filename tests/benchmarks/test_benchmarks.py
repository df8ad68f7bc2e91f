"""The benchmarks run and measure what they say, and nothing slow is on the request path. No test asserts a time."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmarks import calls, judge, making, page, report, road, sandboxes, size, starts
from tests.benchmarks.figures import Figure, as_markdown, as_text, dumped
from tests.benchmarks.load import Load, make_generator
from tests.benchmarks.measure import Results
from tests.benchmarks.peers import peers
from tests.benchmarks.servers import Server, ours, running
from tests.benchmarks.workloads import ALL, APIMO, MARK, PAGE_OF_1, POST, REFUSED, Workload, reference
from tests.conftest import Served

ROOT = Path(__file__).parents[2]
MEMORY = [f"memory {when}" for when in ("at the first answer", "after reads", "after writes", "at most")]

_TELLING = """
import atexit, json, sys, threading
atexit.register(lambda: sys.stderr.write("\\n" + json.dumps(sorted(sys.modules)) + "\\n"))
from mockserver.cli.main import main
sys.argv = ["mockserver", "serve", "--port", "0"]
main()
"""
"""`mockserver serve` that ends with a line on standard error: the modules that it has loaded."""


@pytest.mark.slow
def test_the_judge_is_measured_with_clients_that_break_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_BENCH", "reference apimo")
    monkeypatch.setenv("MOCKSERVER_CONFORM_SCENARIO", "plain")
    (figure,) = judge.report()
    assert (figure.name, figure.unit) == ("reference apimo", "s")
    assert "PASSED" in figure.note


@pytest.mark.slow
def test_the_benchmarks_measure_every_workload_without_an_error() -> None:
    short = ["--rounds", "1", "--seconds", "0.05", "--warm-up", "0.02", "--starts", "1", "--generator", "python"]
    command = [sys.executable, "-m", "tests.benchmarks", *short, "--connections", "3", "--no-peers", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["servers"] == ["mockserver", "constant"]
    rates = [f"{workload.name}/3" for workload in ALL]
    assert set(told["measures"]) == {
        "cold start",
        *MEMORY,
        *rates,
        *(f"{r} {q}" for r in rates for q in ("p50", "p99")),
    }
    assert told["errors"] == 0
    assert told["requests"] >= len(ALL) * 2 * 2  # every workload, both servers, warm-up and a round
    for rate in rates:
        measure = told["measures"][rate]
        assert [len(figures) for figures in measure["figures"].values()] == [1, 1]
        assert measure["ratios"]["constant"]["median"] > 0


def test_nothing_that_is_known_to_be_slow_is_loaded_by_a_server_that_has_answered(tmp_path: Path) -> None:
    telling = Server("telling", lambda _, __: [sys.executable, "-c", _TELLING])
    with running(telling, tmp_path) as server:
        for workload in APIMO:
            server.answer(workload)
        assert _threads(server.process.pid) == 1
    modules = set(json.loads((tmp_path / "telling.log").read_text(encoding="utf-8").splitlines()[-1]))
    assert modules >= {"httptools", "uvloop"}
    assert not modules & {"h11", "sqlalchemy", "openapi_core", "joserfc", "requests", "httpx"}


WORK_BESIDE_PROVIDERS = {
    'pages = await asyncio.to_thread(getattr, self, "_admin_app")',
    "return _at_prefix(context, await asyncio.to_thread(_make_openapi, context))",
    "await asyncio.to_thread(loading.fill)",
    "return await asyncio.to_thread(take)",
    "settings = await asyncio.to_thread(self._sources.read)",
    "prepared = await asyncio.to_thread(prepare, self._server, settings)",
}
"""Lines for the admin API, and for files that changed, in a thread, so that calls of providers do not wait for it."""


def test_no_source_file_takes_a_detour_that_is_known_to_be_slow() -> None:
    slow = re.compile(r"BaseHTTPMiddleware|run_in_threadpool|to_thread|openapi_core")
    # Webhooks are sent beside the requests, and a long body takes longer to compress than the way to a thread.
    beside = {ROOT / "mockserver" / "delivery", ROOT / "mockserver" / "foundation" / "compression.py"}
    sources = [path for path in sorted((ROOT / "mockserver").rglob("*.py")) if not beside & {path, *path.parents}]
    lines = {line.strip() for path in sources for line in path.read_text(encoding="utf-8").splitlines()}
    assert {line for line in lines if slow.search(line)} == WORK_BESIDE_PROVIDERS


def test_a_posted_lead_is_a_kilobyte_and_its_reference_can_be_exchanged_in_place() -> None:
    assert len(POST.body) == 1024
    assert POST.body.count(MARK) == 1
    assert len(reference(1)) == len(reference(10**13)) == len(MARK)


@pytest.mark.parametrize(("name", "phrase"), [("wrk", "wrk -t1"), ("python", "a client in Python")])
def test_the_report_says_which_generator_made_the_load(name: str, phrase: str) -> None:
    assert make_generator(name)[0].startswith(phrase)


@pytest.mark.parametrize("generator", ["wrk", "python"])
def test_answers_of_another_status_than_expected_are_counted_as_errors(live: Served, generator: str) -> None:
    if generator == "wrk" and not shutil.which("wrk"):
        pytest.skip("wrk is not installed")
    generate = make_generator(generator)[1]
    unknown = Workload("W0", "page of an unknown agency", "GET", "/apimo/agencies/999/leads?limit=1", items=1)
    load = generate(live.port, unknown, 0.1, 2)
    assert load.errors == load.requests > 0
    assert 0 < load.p50 <= load.p99
    assert generate(live.port, REFUSED, 0.1, 2).errors == 0
    answered = generate(live.port, replace(PAGE_OF_1, status=404), 0.1, 2)
    assert answered.errors == answered.requests > 0


def test_an_answer_that_is_not_full_stops_the_benchmarks(tmp_path: Path) -> None:
    short = Workload("W0", "page of 3", "GET", "/apimo/agencies/101/leads?limit=2", items=3)
    with running(ours(), tmp_path) as server, pytest.raises(RuntimeError, match="mockserver answers W0 with 200"):
        server.answer(short)


def test_a_rate_is_in_answers_a_second() -> None:
    assert Load(requests=300, seconds=1.5, errors=0, received=0).rate == 200


def test_the_table_shows_medians_and_ratios_with_their_spread() -> None:
    results = Results()
    for figure in (50, 60, 80):
        results.add("W1", "mockserver", figure)
        results.add("W1", "constant", 100)
    table = report.as_table(results, ["mockserver", "constant"], "here")
    assert "0.60 (0.50-0.80)" in table
    assert re.search(r"W1 page of 100, 16 connections, answers/s\s+60\s+100", table)
    page = report.as_markdown(results, ["mockserver", "constant"], "here")
    assert "| W1 page of 100, 16 connections, answers/s | 60 | 100 (0.60) |" in page


def test_the_goal_of_a_peer_is_held_against_its_worst_workload() -> None:
    results = Results()
    for name, rate in (("W1", 200), ("W2", 150), ("W3", 120)):
        results.add(name, "mockserver", rate)
        results.add(name, "pact", 100)
    (goal,) = report.goals_of(results, ["mockserver", "pact"])
    assert goal == "Goal: at least 1.3 times pact: not reached (W1 2.00, W2 1.50, W3 1.20)."


def test_peers_are_found_in_a_folder_where_they_were_installed(tmp_path: Path) -> None:
    for name in ("bin/pact", "node_modules/.bin/prism"):
        program = tmp_path / name
        program.parent.mkdir(parents=True)
        program.touch(mode=0o755)
    for workload in ALL:
        (tmp_path / workload.name).write_text("{}")
    found = {server.name: server.command(tmp_path, 1) for server in peers(tmp_path)}
    assert found["pact"][:2] == [str(tmp_path / "bin/pact"), "stub"]
    assert found["prism"][:2] == [str(tmp_path / "node_modules/.bin/prism"), "mock"]


def test_no_two_workloads_have_one_path() -> None:
    assert len({(workload.method, workload.route) for workload in ALL}) == len(ALL)


def _threads(pid: int) -> int:
    status = Path("/proc", str(pid), "status")
    if not status.exists():
        pytest.skip("threads are counted in /proc")
    return int(status.read_text().partition("Threads:")[2].split()[0])


def test_what_a_sandbox_costs_is_told_with_few_and_with_many_alive() -> None:
    figures = sandboxes.report(times=20)
    names = [figure.name.split(", ")[2:] for figure in figures]
    assert names == [[live, quantile] for live in ("1 live", "1,000 live") for quantile in ("p50", "p99")]
    assert {figure.limit for figure in figures} == {1_000}


def test_what_a_start_costs_is_held_against_its_limit() -> None:
    figures = [*starts._plugin(1), *starts._sandboxes(1)]
    assert [(figure.unit, figure.limit) for figure in figures] == [("ms", 15), ("ms", 1), ("ms", 20)]
    assert all(figure.value > 0 for figure in figures)


def test_memory_is_told_after_a_part_and_after_all_calls_and_what_was_evicted() -> None:
    *memory, rate = calls.report(1_500)
    assert [figure.name.split()[2] for figure in memory] == ["15", "150", "1,500"]
    assert memory[-1].note == "1,000 of 1,500 calls in the journal"
    assert rate.value > 0


def test_a_figure_is_shown_with_its_limit_and_its_rival() -> None:
    figures = [Figure("a page", 12.5, "ms", 20, "constant bytes", 10), Figure("a rate", 2_000_000)]
    assert [line.split() for line in as_text(figures).splitlines()] == [
        ["figure", "limit", "rival", "rival's", "figure", "ratio"],
        ["a", "page", "12.5", "ms", "20", "ms", "constant", "bytes", "10", "ms", "1.25"],
        ["a", "rate", "2,000,000"],
    ]
    assert as_markdown(figures).splitlines()[2] == "| a page | 12.5 ms | 20 ms | constant bytes | 10 ms | 1.25 |"
    assert json.loads(dumped(figures))[0] == {
        **{"name": "a page", "value": 12.5, "unit": "ms", "limit": 20},
        **{"rival": "constant bytes", "rival_value": 10, "ratio": 1.25, "note": None},
    }


@pytest.mark.slow
def test_every_call_is_measured_in_a_world_of_any_size() -> None:
    loop = asyncio.new_event_loop()
    took = size.make_calls(150, 1, loop)
    loop.close()
    assert len(took) == 12
    assert all(seconds > 0 for seconds in took.values())


def test_a_world_and_the_road_are_measured() -> None:
    assert [figure.limit for figure in making.report(leads=10, page=110)] == [None, 100, 100, 1.5, 50]
    names = [figure.name.split()[0] for figure in road.report(rounds=1, calls=1)]
    assert names == [workload.name for workload in ALL]


def test_the_page_has_every_section_with_the_text_above_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = page.FILE.read_text(encoding="utf-8").partition("<!--")[0]
    monkeypatch.setattr(page, "FILE", tmp_path / "page.md")
    page.FILE.write_text(f"{text}<!-- results: written by `python -m tests.benchmarks --page` -->\nan old table\n")
    results = Results()
    for server, figure in (("mockserver", 2.0), ("constant", 1.0)):
        results.add("W1", server, figure)
    page.write((results, ["mockserver", "constant"], "here"), {"making": [Figure("a lead", 1, "µs", 2)]})
    written = page.FILE.read_text(encoding="utf-8")
    assert written.startswith(text)
    assert "an old table" not in written
    assert "| W1 page of 100, 16 connections, answers/s | 2 | 1 (2.00) |" in written
    assert "## Making a world\n\n|  | figure | limit |\n| --- | --: | --: |\n| a lead | 1 µs | 2 µs |" in written
