"""A client in a drill is led to the judge from real hosts, or knows it by another name."""

import sys
from pathlib import Path

import pytest

from mockserver.foundation.settings import SettingsError
from mockserver.judge.client_access import ClientAccess
from mockserver.judge.command import Command
from mockserver.judge.runner import judge_program
from tests.support.patience import PATIENCE

REAL = """
import os, sys, requests
secrets = os.environ["APIMO_PROVIDER"], os.environ["APIMO_TOKEN"]
leads = "https://api.apimo.pro/agencies/" + os.environ["APIMO_AGENCY_ID"] + "/leads"
requests.get(leads, auth=secrets).raise_for_status()
try:
    requests.get("https://telemetry.example.com/")
except requests.RequestException:
    sys.exit(0)
sys.exit(1)
"""


def test_calls_to_real_hosts_are_those_of_the_drill_and_other_hosts_are_told(tmp_path: Path) -> None:
    program = Command([sys.executable, "-c", REAL], timeout=PATIENCE)
    report = judge_program(
        program, providers=["apimo"], scenarios=["empty-agency"], runs_dir=tmp_path, access=ClientAccess(hosts=True)
    )
    (drill,) = report.drills
    # Credentials of the drill's own sandbox, at an address that names none.
    assert [(call.operation, call.status) for call in drill.calls] == [("listLeads", 200)] * len(drill.runs)
    assert report.refused_hosts == ("telemetry.example.com:443",)
    told = "run 1 called telemetry.example.com:443, which is no host of a provider: refused"
    assert any(event.endswith(told) for event in drill.events)


def test_a_client_elsewhere_gets_the_name_of_this_machine_and_no_admin_api() -> None:
    access = ClientAccess(listen="0.0.0.0", public_host="host.docker.internal")
    with access.make_server(alone=True) as server:
        port = server.url.rpartition(":")[2]
        assert access.url_of(server) == f"http://host.docker.internal:{port}"
        assert server.app.settings.admin_token


@pytest.mark.parametrize(
    ("access", "name"),
    [
        (ClientAccess(), "127.0.0.1"),
        (ClientAccess(listen="::"), "127.0.0.1"),
        (ClientAccess(listen="::1"), "[::1]"),
        (ClientAccess(public_host="mock"), "mock"),
    ],
)
def test_the_name_is_one_at_which_clients_can_call(access: ClientAccess, name: str) -> None:
    assert access.name == name


def test_a_name_that_is_none_is_told() -> None:
    with pytest.raises(SettingsError, match="--public-host http://x: that is no host"):
        ClientAccess(public_host="http://x").make_server(alone=True)
