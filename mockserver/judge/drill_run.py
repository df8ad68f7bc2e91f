"""Runs a client through one drill, in a sandbox of its own, and gathers the evidence."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mockserver.foundation.clock import parse_duration, real_time, stopwatch
from mockserver.foundation.dataclass import dataclass
from mockserver.judge.call_reader import CallReader
from mockserver.judge.capsule_of_drill import begin_capsule
from mockserver.judge.configuration import Configuration
from mockserver.judge.drill import Drill
from mockserver.judge.drill_folder import DrillFolder
from mockserver.judge.drill_log import DrillLog
from mockserver.judge.drill_variables import free_port, our_variables
from mockserver.judge.environment import led_variables, variables, withheld
from mockserver.judge.evidence import Evidence, HeldLead, LeadSnapshot, Run
from mockserver.judge.ground_truth import GroundTruth
from mockserver.judge.lead_views import LeadViews
from mockserver.judge.other_providers import runs_of_evidence
from mockserver.judge.outcome_file import OutcomeError, clear_outcome, read_outcome
from mockserver.judge.program import ConformError, Program
from mockserver.judge.recorder import Recorder
from mockserver.judge.report import UNSIGNED
from mockserver.judge.rests import rest_before
from mockserver.provider_api.judge_adapter import JudgeAdapter
from mockserver.providers.loading import lead_view
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox
from mockserver.scenarios import ScenarioRunner
from mockserver.scenarios.action_models import Action
from mockserver.scenarios.actions import perform
from mockserver.server.embedded import EmbeddedServer
from mockserver.verification import cover

if TYPE_CHECKING:
    from mockserver.registry.capsules.making import CapsuleMaking

_NOT_LED: Mapping[str, str] = MappingProxyType({})
_MAX_FEEDS = 500
"""Lists of one run, the first ones, of which it is looked up what they show. No provider has so many."""


@dataclass(frozen=True, slots=True)
class DrillResult:
    """The result of one drill."""

    drill: Drill
    evidence: Evidence
    seconds: float
    began: float
    """Real epoch seconds."""
    events: tuple[str, ...]
    """Events in the world meanwhile."""
    faulty: tuple[str, ...]
    """Faults of the fake or of the drill."""
    relied_on: tuple[Mapping[str, Any], ...]
    """Rows of the ledger that are not sure, and without which the calls would have gone otherwise."""
    excluded: tuple[Run, ...] = ()
    """Runs that are no evidence: the first that another provider ended, and all later ones."""
    capsule: "CapsuleMaking | None" = None
    """The sandbox as it is after the last run, where it may be kept."""


class DrillRun:
    """A drill under way."""

    def __init__(
        self,
        server: EmbeddedServer,
        url: str,
        adapters: Mapping[str, JudgeAdapter],
        drill: Drill,
        sandbox: Sandbox,
        agency: int | None,
        configured: Collection[str],
        lead_views: LeadViews,
    ) -> None:
        """To be made where calls are answered. Clients are configured with that agency; None is the first one.

        `url` is the address of the server as they know it.

        `configured` are the providers whose variables the client is given.

        Raises ConformError for an agency that is not in the world of the drill.
        """
        self._server = server
        self._providers = server.app.providers
        self._drill = drill
        self._sandbox = sandbox
        self._judging = drill.scenario.judging
        self._provider = self._providers[drill.provider]
        self._adapters = adapters
        self._adapter = adapters[drill.provider]
        self._readings = sandbox.variants[drill.provider]
        self._configured = configured
        agency = _agency(drill, sandbox, agency)
        self._lists = self._adapter.lists_of(agency)
        read_view = lead_views.of(sandbox, self._provider, self._adapter, lead_view(drill.provider))
        self._ground_truth = GroundTruth(sandbox, self._adapter, read_view, self._lists)
        self._configuration = Configuration(url, sandbox, self._providers, adapters, agency)
        self._recorder = Recorder(server, sandbox, self._judging.hurry, CallReader(adapters, sandbox.variants))
        self._log = DrillLog(drill)
        self._views_before = sandbox.world.views()
        self._client_now = 0.0
        self._first_secrets = self._account_secrets()
        for name, token_issuer in sandbox.token_issuers.items():
            # The clock is that of all, and a drill that moves it is not about tokens of others.
            if name != drill.provider and token_issuer is not None:
                token_issuer.accept_expired()

    @property
    def sandbox_id(self) -> str:
        """The sandbox of the drill."""
        return self._sandbox.id

    def run_drill(
        self,
        program: Program,
        templates: Sequence[tuple[str, str]],
        folder: DrillFolder,
        led: Mapping[str, str] = _NOT_LED,
    ) -> DrillResult:
        """Runs the program as often as the drill says. Not to be called where calls are answered.

        `led` are the variables that lead it here from real hosts.
        """
        began, real = stopwatch(), real_time()
        runs: list[Run] = []
        port = free_port() if self._judging.webhooks else None
        for number, actions in enumerate([(), *self._judging.then], 1):
            if number > 1:
                self._server.call(partial(self._between_runs, actions))
            runs.append(self._run(number, program, templates, folder, port, led))
        return self._server.call(lambda: self._conclude(runs, stopwatch() - began, real))

    def begin_capsule(self) -> "CapsuleMaking":
        """Begins a capsule of the sandbox as it is now. To be called where calls are answered."""
        return begin_capsule(self._server.app, self._sandbox, self._recorder.entries)

    def close(self) -> None:
        """Leaves nothing of the drill at the server. To be called where calls are answered."""
        self._recorder.close()
        self._server.app.sandboxes.delete(self._sandbox.id)
        if self._drill.variant is not None:
            # Other drills share the world, and none of them its leads by this reading.
            world = self._sandbox.world
            world.drop_views(world.views() - self._views_before)

    def _account_secrets(self) -> set[str]:
        return {account.secret for account in self._sandbox.accounts[self._drill.provider].values()}

    def _between_runs(self, actions: Sequence[Action]) -> None:
        """Lets time pass, and performs what happens between two runs.

        It happens just before the next run, unless it is about moments that are those of the run before: where the
        clock stands still, or is behind that of the client. Attempts to deliver webhooks would not outlive the time.
        """
        clock, rest = self._sandbox.clock, 0.0 if self._judging.webhooks else rest_before(actions)
        with self._sandbox.transaction():
            self._sandbox.process_due()
            is_soon = clock.frozen or self._skew() < 0
            clock.advance(0.0 if is_soon else rest)
            self._sandbox.process_due()
            for action in actions:
                self._act(action)
            clock.advance(rest if is_soon else 0.0)
            self._sandbox.process_due()

    def _act(self, action: Action) -> None:
        try:
            event = perform(action, self._sandbox, self._providers)
        except ValueError as error:
            self._log.faulty.append(f"between two runs {action.chosen[0]} failed: {error}")
        else:
            self._log.add_event(self._sandbox.clock.time(), event)

    def _run(
        self,
        number: int,
        program: Program,
        templates: Sequence[tuple[str, str]],
        folder: DrillFolder,
        port: int | None,
        led: Mapping[str, str],
    ) -> Run:
        clear_outcome(folder.outcome)
        first = len(self._recorder.entries)
        before, began = self._server.call(self._look)
        # Whatever happens to the provider's clock, that of the client never goes back.
        client_now = self._client_now = max(self._client_now, began - (self._skew() if number > 1 else 0.0))
        environments = self._server.call(self._configuration.environments)
        ours = our_variables(client_now, folder, port)
        environment = variables(environments, ours, templates, self._configured)
        unset = withheld(environments, environment)
        self._recorder.begin(number)
        result = program.run(led_variables(led, environment), self._recorder, unset)
        folder.keep_output(number, result.output)
        if refused := self._recorder.refused_hosts:
            now = self._server.call(self._sandbox.clock.time)
            self._log.add_event(
                now, f"run {number} called {', '.join(refused)}, which is no host of a provider: refused"
            )
        if result.left_behind:
            now = self._server.call(self._sandbox.clock.time)
            self._log.add_event(now, f"run {number} ended, and {result.left_behind}")
        entries = self._recorder.entries[first:]
        read = self._recorder.calls[first:]
        calls = tuple(call for call in read if call.entry.provider == self._drill.provider)
        other_calls = tuple(call for call in read if call.entry.provider != self._drill.provider)
        feeds = dict.fromkeys(call.page_request.feed for call in calls if call.page_request is not None)
        self._recorder.feeds.update(islice(feeds, _MAX_FEEDS))
        after, ended = self._server.call(self._look)
        outcome, unreadable = None, ""
        if result.ending == "settled" and self._recorder.got_error():
            # It may have been about to give up, and to write what it holds.
            event = f"run {number} was stopped while its calls failed, so its outcome is not judged"
            self._log.add_event(ended, event)
        else:
            outcome, unreadable = self._outcome(folder, entries)
        if outcome is not None:
            folder.keep_outcome(number)
        return Run(
            number=number,
            client_now=client_now,
            began=began,
            ended=ended,
            seconds=result.seconds,
            exit_code=result.exit_code,
            ending=result.ending,
            output=result.output,
            outcome=outcome,
            before=_with_feeds(before, after),
            after=after,
            calls=calls,
            other_calls=other_calls,
            unreadable=unreadable,
            output_is_whole=result.output_is_whole,
        )

    def _outcome(self, folder: DrillFolder, entries: Sequence[Entry]) -> tuple[tuple[HeldLead, ...] | None, str]:
        """Returns the leads that the client says it holds, and the reason for which that cannot be read."""
        judged, names = self._drill.provider, tuple(self._providers)
        try:
            outcome = read_outcome(folder.outcome, judged, names)
        except OutcomeError as error:
            return None, str(error)
        others = sorted({entry.provider for entry in entries} - {judged})
        if not outcome or not others:
            return outcome, ""
        alike = self._server.call(lambda: [name for name in others if self._has_same_ids(name)])
        if alike and read_outcome(folder.outcome, "", names):
            reason = f"{alike[0]}, which was called too, gives leads the same ids"
            event = f"{UNSIGNED}: {reason}; write `provider` in each line"
            self._log.add_event(self._sandbox.clock.time(), event)
            return None, ""
        return outcome, ""

    def _has_same_ids(self, other: str) -> bool:
        """Tells whether another provider gives leads the same ids."""
        ours, theirs = self._provider.lead_id, self._providers[other].lead_id
        with self._sandbox.transaction():
            enquiries = self._ground_truth.enquiries()[:1]
            return any(str(ours(enquiry)) == str(theirs(enquiry)) for enquiry in enquiries)

    def _look(self) -> tuple[dict[str, LeadSnapshot], float]:
        return self._ground_truth.snapshot(self._recorder.feeds), self._sandbox.clock.time()

    def _skew(self) -> float:
        return 0.0 if self._judging.skew is None else parse_duration(self._judging.skew)

    def _conclude(self, runs: list[Run], seconds: float, began: float) -> DrillResult:
        sandbox, drill = self._sandbox, self._drill
        with sandbox.transaction():
            sandbox.process_due()
            state = sandbox.scenario.state() if isinstance(sandbox.scenario, ScenarioRunner) else None
            other_ids = self._ids_of_other_providers()
            relied_on = cover(sandbox, self._providers)[drill.provider]["relied_on"]
        if state is not None:
            self._log.add_scenario(state, sandbox.clock.time())
        self._log.add_broken_answers(call for run in runs for call in run.calls)
        self._log.add_ended_runs(runs)
        counted = runs_of_evidence(runs)
        evidence = Evidence(
            provider=drill.provider,
            drill=drill.name,
            adapter=self._adapter,
            readings=self._readings,
            variant=drill.variant,
            world=sandbox.world.file.name,
            aims=self._judging.aims,
            skew=self._skew(),
            runs=counted,
            attempts=tuple(attempt for attempt in self._recorder.attempts if attempt.run <= len(counted)),
            credentials_changed=self._first_secrets != self._account_secrets(),
            secrets=tuple(sorted(self._configuration.secrets[drill.provider])),
            signing_keys=dict(self._recorder.signing_keys),
            other_ids=other_ids,
            certainty=self._provider.contract.certainty,
        )
        events, faulty = tuple(sorted(self._log.events)), tuple(self._log.faulty)
        excluded = tuple(runs[len(counted) :])
        return DrillResult(drill, evidence, seconds, began, events, faulty, tuple(relied_on), excluded)

    def _ids_of_other_providers(self) -> frozenset[str]:
        enquiries = self._ground_truth.enquiries()
        others = [provider for name, provider in self._providers.items() if name != self._drill.provider]
        return frozenset(str(provider.lead_id(enquiry)) for provider in others for enquiry in enquiries)


def _with_feeds(before: Mapping[str, LeadSnapshot], after: Mapping[str, LeadSnapshot]) -> dict[str, LeadSnapshot]:
    """Adds the lists that show each lead, which are known only when the client has asked for them."""
    return {id: replace(lead, feeds=after[id].feeds) if id in after else lead for id, lead in before.items()}


def _agency(drill: Drill, sandbox: Sandbox, agency: int | None) -> int:
    """Returns the agency, None being the first one that is granted. Raises ConformError for one that is not there."""
    agencies = sandbox.world.agencies
    if agency is None:
        return next((id for id, entry in agencies.items() if entry.granted), next(iter(agencies)))
    if agency not in agencies:
        names = ", ".join(map(str, agencies))
        raise ConformError(f"there is no agency {agency} in the world of drill {drill.name}; there is {names}")
    return agency
