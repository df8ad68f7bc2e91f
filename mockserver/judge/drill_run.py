"""One drill under way: a sandbox, the runs of the client in it, and what there was to be seen."""

import os
import shutil
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mockserver.foundation.clock import iso, parse_duration, real_time, stopwatch
from mockserver.judge.calls import JudgedCall
from mockserver.judge.drill import Drill
from mockserver.judge.environment import OutcomeError, clear_outcome, read_outcome, variables
from mockserver.judge.evidence import Evidence, HeldLead, LeadSnapshot, Run
from mockserver.judge.ground_truth import GroundTruth
from mockserver.judge.program import ConformError, Program
from mockserver.judge.recorder import Recorder
from mockserver.judge.report import UNSIGNED
from mockserver.provider_api.judge_adapter import JudgeAdapter
from mockserver.provider_api.provider import Provider
from mockserver.providers.loading import lead_view
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox
from mockserver.scenarios import ScenarioRunner
from mockserver.scenarios.action_models import Action
from mockserver.scenarios.actions import perform
from mockserver.scenarios.model import Judging
from mockserver.server.embedded import EmbeddedServer
from mockserver.verification import cover


@dataclass(frozen=True, slots=True)
class DrillResult:
    """A drill that was gone through."""

    drill: Drill
    evidence: Evidence
    seconds: float
    began: float
    """Real epoch seconds."""
    events: tuple[str, ...]
    """What happened in the world meanwhile."""
    faulty: tuple[str, ...]
    """What the fake or the drill did not do as it was to."""
    relied_on: tuple[Mapping[str, Any], ...]
    """Rows of the ledger that are not sure, and without which the calls would have gone otherwise."""


class DrillRun:
    """One drill under way."""

    def __init__(
        self,
        server: EmbeddedServer,
        adapters: Mapping[str, JudgeAdapter],
        drill: Drill,
        sandbox: Sandbox,
        agency: int | None,
    ) -> None:
        """To be made where calls are answered. Clients are configured with that agency; None is the first one.

        Raises ConformError for an agency that is not in the world of the drill.
        """
        self._server = server
        self._providers: Mapping[str, Provider] = server.app.providers
        self._adapters = adapters
        self._drill = drill
        self._sandbox = sandbox
        self._judging = drill.scenario.judge or Judging()
        self._provider = self._providers[drill.provider]
        self._adapter = adapters[drill.provider]
        self._readings = sandbox.variants[drill.provider]
        self._truth = GroundTruth(sandbox, self._provider, self._adapter, lead_view(drill.provider))
        self._agency = _first_agency(sandbox) if agency is None else agency
        if self._agency not in sandbox.world.agencies:
            known = ", ".join(map(str, sandbox.world.agencies))
            raise ConformError(f"there is no agency {agency} in the world of drill {drill.name}; there is {known}")
        self._recorder = Recorder(server, sandbox, self._judging.hurry)
        self._events: list[str] = []
        self._faulty: list[str] = []
        self._environments: dict[str, Mapping[str, str]] = {}
        self._born_with = self._account_secrets()
        self._secrets: set[str] = set()

    def run_drill(self, program: Program, templates: Sequence[tuple[str, str]], folder: Path) -> DrillResult:
        """Runs the program as often as the drill says. Not to be called where calls are answered."""
        folder = folder.absolute()  # the program may go elsewhere before it looks for its files
        began, real = stopwatch(), real_time()
        runs: list[Run] = []
        port = free_port() if self._judging.webhooks else None
        for number, actions in enumerate([(), *self._judging.then], 1):
            if actions:
                self._server.call(lambda actions=actions: self._act(actions))  # type: ignore[misc]
            runs.append(self._run(number, program, templates, folder, port))
        return self._server.call(lambda: self._conclude(runs, stopwatch() - began, real))

    def clear(self) -> None:
        """Nothing of the drill is left at the server. To be called where calls are answered."""
        self._recorder.close()
        self._server.app.sandboxes.delete(self._sandbox.id)

    def _account_secrets(self) -> set[str]:
        return {account.secret for account in self._sandbox.accounts[self._drill.provider].values()}

    def _act(self, actions: Iterable[Action]) -> None:
        """What happens between two runs."""
        with self._sandbox.transaction():
            self._sandbox.process_due()
            for action in actions:
                try:
                    what = perform(action, self._sandbox, self._providers)
                except ValueError as error:
                    self._faulty.append(f"between two runs {action.chosen[0]} failed: {error}")
                else:
                    self._events.append(f"{iso(self._sandbox.clock.time())} {what}")

    def _run(
        self, number: int, program: Program, templates: Sequence[tuple[str, str]], folder: Path, port: int | None
    ) -> Run:
        outcome = folder / "outcome.jsonl"
        clear_outcome(outcome)
        first = len(self._recorder.entries)
        before, clock = self._server.call(self._look)
        told = clock - (self._skew() if number > 1 else 0.0)
        own = {
            "MOCKSERVER_NOW": iso(told),
            "MOCKSERVER_STATE_DIR": os.fspath(folder / "state"),
            "MOCKSERVER_OUTCOME": os.fspath(outcome),
        }
        if port is not None:
            own["MOCKSERVER_WEBHOOK_PORT"] = str(port)
        environment = variables(self._server.call(self._configure), own, templates)
        self._recorder.begin(number)
        ran = program.run(environment, self._recorder)
        # The program had the run of its folder: nothing that it left there is written through, or missed.
        (folder / "state").mkdir(parents=True, exist_ok=True)
        output, kept = folder / f"output-{number}.txt", folder / f"outcome-{number}.jsonl"
        clear_outcome(output)
        clear_outcome(kept)
        output.write_text(ran.output, encoding="utf-8")
        calls = tuple(
            self._read(entry, number)
            for entry in self._recorder.entries[first:]
            if entry.provider == self._drill.provider
        )
        feeds = {call.page_request.feed for call in calls if call.page_request is not None}
        self._recorder.feeds |= feeds
        after, ended = self._server.call(self._look)
        held, unreadable = self._outcome(outcome, self._recorder.entries[first:])
        if held is not None:
            shutil.copyfile(outcome, kept)
        return Run(
            number=number,
            client_now=told,
            began=clock,
            ended=ended,
            seconds=ran.seconds,
            exit_code=ran.exit_code,
            ending=ran.ending,
            output=ran.output,
            outcome=held,
            before=_with_feeds(before, after),
            after=after,
            calls=calls,
            unreadable=unreadable,
            output_is_whole=ran.output_is_whole,
        )

    def _outcome(self, path: Path, entries: Sequence[Entry]) -> tuple[tuple[HeldLead, ...] | None, str]:
        """What the client says that it holds, and why that cannot be read."""
        ours, known = self._drill.provider, tuple(self._providers)
        try:
            held = read_outcome(path, ours, known)
        except OutcomeError as error:
            return None, str(error)
        others = sorted({entry.provider for entry in entries} - {ours})
        if not held or not others:
            return held, ""
        alike = self._server.call(lambda: [name for name in others if self._is_alike(name)])
        if alike and read_outcome(path, "", known):
            now = iso(self._sandbox.clock.time())
            why = f"{alike[0]}, which was called too, gives leads the same ids"
            self._events.append(f"{now} {UNSIGNED}: {why}; write `provider` in each line")
            return None, ""
        return held, ""

    def _is_alike(self, other: str) -> bool:
        """Whether another provider calls leads the same."""
        mine, theirs = self._provider.lead_id, self._providers[other].lead_id
        with self._sandbox.transaction():
            return any(str(mine(enquiry)) == str(theirs(enquiry)) for enquiry in self._truth.enquiries()[:1])

    def _look(self) -> tuple[dict[str, LeadSnapshot], float]:
        return self._truth.look(self._recorder.feeds), self._sandbox.clock.time()

    def _skew(self) -> float:
        return 0.0 if self._judging.skew is None else parse_duration(self._judging.skew)

    def _configure(self) -> dict[str, Mapping[str, str]]:
        """The variables of each provider; those of one whose credentials are no more stay what they were."""
        for name, provider in self._providers.items():
            for account in self._sandbox.accounts[name].values():
                base = f"{self._server.url}/~{self._sandbox.id}/{name}"
                urls = {name: base, **{f"{name}_{what}": url for what, url in provider.auth.urls(base).items()}}
                shown = provider.auth.describe_credentials(account)
                self._environments[name] = self._adapters[name].environment(urls, shown, self._agency)
                if name == self._drill.provider:
                    self._secrets.add(account.secret)
                break
        return self._environments

    def _read(self, entry: Entry, run: int) -> JudgedCall:
        asked = self._adapter.read_page_request(entry, self._readings)
        page = self._adapter.read_page(entry, self._readings) if asked is not None else None
        details = self._adapter.read_details(entry, self._readings) if asked is None else ()
        return JudgedCall(entry, run, asked, page, details)

    def _conclude(self, runs: list[Run], seconds: float, began: float) -> DrillResult:
        sandbox, drill = self._sandbox, self._drill
        with sandbox.transaction():
            sandbox.process_due()
            fired = sandbox.scenario.state() if isinstance(sandbox.scenario, ScenarioRunner) else None
            others = {
                str(provider.lead_id(enquiry))
                for name, provider in self._providers.items()
                if name != drill.provider
                for enquiry in self._truth.enquiries()
            }
            relied_on = cover(sandbox, self._providers)[drill.provider]["relied_on"]
        for step in fired.fired if fired else ():
            self._events.extend(f"{step.at} {what}" for what in step.what)
            self._faulty.extend(f"step {step.step} of the scenario failed: {what}" for what in step.failed)
        if fired and fired.waits:
            self._never_fired(fired.step, fired.waits)
        self._faulty.extend(self._out_of_contract(runs))
        evidence = Evidence(
            provider=drill.provider,
            drill=drill.name,
            adapter=self._adapter,
            readings=self._readings,
            variant=drill.variant,
            world=sandbox.world.file.name,
            aims=self._judging.aims,
            skew=self._skew(),
            runs=tuple(runs),
            attempts=tuple(self._recorder.attempts),
            credentials_changed=self._born_with != self._account_secrets(),
            secrets=tuple(sorted(self._secrets)),
            other_ids=frozenset(others),
        )
        self._events.sort()
        return DrillResult(drill, evidence, seconds, began, tuple(self._events), tuple(self._faulty), tuple(relied_on))

    def _never_fired(self, step: int, waits: str) -> None:
        """What the scenario still waits for: our fault, unless the client could have brought it about."""
        when = self._drill.scenario.steps[step].when
        if when.signal or (when.clock and self._judging.hurry is None):
            self._faulty.append(f"the scenario never came to step {step + 1}: it waits for {waits}")
        else:
            now = iso(self._sandbox.clock.time())
            self._events.append(f"{now} the client never brought about step {step + 1}, which waits for {waits}")

    def _out_of_contract(self, runs: Iterable[Run]) -> list[str]:
        """Answers of ours that broke the contract although no fault was to."""
        wrong = [
            (call.entry, violation)
            for run in runs
            for call in run.calls
            if call.entry.fault is None
            for violation in call.entry.violations
            if violation.place == "reply"
        ]
        return [f"the answer to call {entry.id} breaks the contract at {v.pointer}: {v.message}" for entry, v in wrong]


def _with_feeds(before: Mapping[str, LeadSnapshot], after: Mapping[str, LeadSnapshot]) -> dict[str, LeadSnapshot]:
    """Which lists show a lead is known when the client has asked for them."""
    return {id: replace(lead, feeds=after[id].feeds) if id in after else lead for id, lead in before.items()}


def _first_agency(sandbox: Sandbox) -> int:
    agencies = sandbox.world.agencies.values()
    return next((agency.id for agency in agencies if agency.granted), next(iter(agencies)).id)


def free_port() -> int:
    """A port of this machine that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
