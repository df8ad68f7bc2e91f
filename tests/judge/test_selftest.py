"""The judge judged by its own command: what it tells of a judge that is right, and of one that is not."""

import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mockserver.judge import selftest, shipped_clients
from mockserver.judge.catalogue import OBLIGATIONS, reasons_of
from mockserver.judge.drill import Drill
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.program import ConformError
from mockserver.judge.progress import SuiteProgress
from mockserver.judge.selftest import SelftestResult, run_selftest, table_of
from mockserver.judge.shipped_clients import ShippedClient, broken_clients, reference_client
from mockserver.providers.contracts import provider_names
from tests.clients import broken_gsl, gsl
from tests.support.patience import PATIENCE

ALL = JudgeServer.battery


def the_plain_drill(judge_server: JudgeServer, providers: Any = (), scenarios: Any = ()) -> list[Drill]:
    """A battery of one."""
    return ALL(judge_server, providers, ["plain"])


def labelled(client: type, *obligations: str) -> list[ShippedClient]:
    """Clients that are said to break these."""
    return [ShippedClient("gsl", f"breaks {id}", id, client) for id in obligations]


def selftested(monkeypatch: pytest.MonkeyPatch, clients: list[ShippedClient]) -> list[SelftestResult]:
    """What comes of these clients and the reference in the plain drill."""
    monkeypatch.setattr(JudgeServer, "battery", the_plain_drill)
    monkeypatch.setattr(selftest, "broken_clients", lambda provider: clients)
    told: list[SuiteProgress] = []
    results = run_selftest(["gsl"], jobs=2, on_progress=told.append)
    assert (told[-1].done, told[-1].total) == (len(clients) + 1, len(clients) + 1)
    return results


def test_a_reference_is_clean_and_a_bug_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    reference, broken = selftested(monkeypatch, labelled(broken_gsl.StopsAfterPageOne, "PAGE-01"))
    assert (reference.right, reference.verdict) == (True, "clean")
    assert (broken.right, broken.verdict) == (True, "named in plain")
    assert table_of([reference, broken]) == [
        ("right", "gsl", "", "the reference, without a bug", "clean"),
        ("right", "gsl", "PAGE-01", "breaks PAGE-01", "named in plain"),
    ]


def test_a_bug_that_is_not_found_or_is_charged_with_another_must_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    clients = [*labelled(gsl.Client, "RUN-01", "GDPR-01"), *labelled(broken_gsl.StopsAfterPageOne, "PAGE-03")]
    _, unnamed, charged, nowhere = selftested(monkeypatch, clients)
    assert (unnamed.right, unnamed.verdict) == (False, "not named in plain")
    assert not charged.right
    assert charged.verdict.startswith("not named in plain, but there is PAGE-01 (plain: ")
    assert (nowhere.right, nowhere.verdict) == (False, "not named in any drill")


def test_ctrl_c_stops_the_clients_at_once_and_leaves_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    begun = threading.Event()

    def waits(environment: Mapping[str, str], stop: threading.Event) -> None:
        begun.set()
        stop.wait()
        Path(environment["MOCKSERVER_OUTCOME"]).write_text("", encoding="utf-8")

    def interrupted(futures: object) -> None:
        assert begun.wait(PATIENCE)
        raise KeyboardInterrupt

    monkeypatch.setattr(selftest, "reference_client", lambda provider: ShippedClient("gsl", "waits", None, waits))
    monkeypatch.setattr(selftest, "_results", interrupted)
    with pytest.raises(KeyboardInterrupt):
        selftested(monkeypatch, [])
    assert list(tmp_path.iterdir()) == []


def test_a_reference_that_is_found_guilty_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    guilty = ShippedClient("gsl", "the reference", None, broken_gsl.StopsAfterPageOne)
    monkeypatch.setattr(selftest, "reference_client", lambda provider: guilty)
    (reference,) = selftested(monkeypatch, [])
    assert not reference.right
    assert reference.verdict.startswith("PAGE-01 (plain: ")


@pytest.mark.parametrize("provider", provider_names())
def test_there_is_a_client_for_each_obligation(provider: str) -> None:
    assert {client.obligation for client in broken_clients(provider)} == set(reasons_of(provider))
    chosen = list(selftest._one_for_each_obligation([provider], in_turn=False))
    assert [client.obligation for client in chosen] == [id for id in OBLIGATIONS if id in reasons_of(provider)]
    assert reference_client(provider).obligation is None


def test_without_a_provider_each_obligation_has_one_client_and_each_provider_some() -> None:
    chosen = list(selftest._one_for_each_obligation(provider_names(), in_turn=True))
    assert [client.obligation for client in chosen] == list(OBLIGATIONS)
    assert {client.provider for client in chosen} == set(provider_names())


def test_where_the_clients_are_not_installed_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(shipped_clients, "resource", lambda *parts: tmp_path.joinpath(*parts))
    with pytest.raises(ConformError, match="not installed here; install the wheel of this release"):
        reference_client("gsl")


def test_the_path_of_python_is_as_it_was() -> None:
    before = list(sys.path)
    broken_clients("gsl")
    assert sys.path == before


def test_unknown_providers_are_refused() -> None:
    with pytest.raises(ConformError, match="There is no provider 'acme'"):
        run_selftest(["acme"])
