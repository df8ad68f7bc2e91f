"""`mockserver capsule`: saved, shown and loaded from the command line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver import Client, EmbeddedServer
from mockserver.cli.capsule import capsule
from mockserver.foundation.settings import SettingsError

Command = Callable[..., Result]


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(world="small", now=1_767_225_600, admin_token="let-me-in") as made:
        yield made


@pytest.fixture
def command(server: EmbeddedServer) -> Command:
    """Runs the command against the server, as its environment says."""
    environment = {"MOCKSERVER_URL": server.url, "MOCKSERVER_ADMIN_TOKEN": "let-me-in"}

    def run(*words: str | Path, refused: bool = False, input: bytes | None = None) -> Result:
        result = CliRunner(env=environment).invoke(capsule, [str(word) for word in words], input=input)
        assert (result.exit_code == 0) is not refused, result.output
        return result

    return run


def test_a_sandbox_is_saved_shown_and_loaded(server: EmbeddedServer, command: Command, tmp_path: Path) -> None:
    file = tmp_path / "a capsule.json.gz"
    scenario = {"name": "half", "why": "x", "steps": [{"when": {"start": True}, "do": [{"arrive": {"count": 2}}]}]}
    with Client(server.url, "let-me-in") as client:
        words = {"gsl": {"client_id": "mine", "client_secret": "a-secret-of-mine"}}
        sandbox = client.sandboxes.create("broken", scenario=scenario, credentials=words)
        sandbox.faults.next(status=503)
        sandbox.leads.withdraw("oldest")
        sandbox.access.revoke_agency(102, provider="gsl")
        sandbox.credentials_of("apimo").rotate()
        command("save", "--sandbox", "broken", file)
        shown = command("show", file).output
        for line in (
            "Sandbox broken, saved by lead-mockserver ",
            "World small, seed ",
            "Clock stands still at 2026-01-01T00:00:00.000Z",
            "Credentials of gsl: mine, whose secret was chosen and has to be given again",
            "Credentials of seeker: mock-seeker-client.broken, whose secret follows from the sandbox and is made again",
            "  1 × enquiry removed",
            "  2 × enquiry written or changed",
            "  credentials gsl/mine changed",
            "  fault f1: status, met by 0 calls, struck 0",
            "  scenario half: 1 steps have happened",
            "Calls: 0, 0 of them in the file",
            "  The secret of mine at gsl was chosen by somebody; give it again, or another is made.",
            "Load it with: mockserver serve --capsule '",
        ):
            assert line in shown, shown
        as_json = json.loads(command("show", "--json", file).output)
        assert (as_json["sandbox"], as_json["journal"]) == ("broken", 0)

        credentials = tmp_path / "credentials.json"
        credentials.write_text(json.dumps(words))
        result = command("load", "--as", "again", "--credentials", credentials, file)
        # Older releases of click put the lines of standard error before it.
        loaded = json.loads(result.stdout.splitlines()[-1])
        assert loaded["id"] == "again"
        assert loaded["credentials"]["gsl"]["client_secret"] == "a-secret-of-mine"
        assert "Its credentials lead to another sandbox here" in result.output
        assert client.sandbox("again").leads.list() == sandbox.leads.list()
        piped = command("save", "--sandbox", "again", "-").stdout_bytes
        assert json.loads(command("load", "--as", "third", "-", input=piped).stdout.splitlines()[-1])["id"] == "third"


def test_what_cannot_be_done_is_one_sentence(command: Command, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"\x1f\x8b")
    for words, sentence in (
        (("show", wrong), f"{wrong}: It is damaged: its end is missing; have it sent again."),
        (("show", tmp_path), f"{tmp_path} cannot be read: Is a directory"),
        (("load", wrong), f"{wrong}: It is damaged: its end is missing; have it sent again."),
        (("load", "--credentials", "nowhere.json", wrong), "nowhere.json cannot be read: No such file or directory"),
        (("load", "--credentials", wrong, wrong), f'{wrong} has no JSON of the form {{"PROVIDER": {{…}}}}'),
        (("save", "--sandbox", "gone", wrong), "There is no sandbox 'gone'; it was deleted, or dropped when nobody"),
        (("save", tmp_path / "no" / "folder"), f"{tmp_path / 'no' / 'folder'} cannot be written: No such file"),
        (("save", "--url", "http://127.0.0.1:1", wrong), "no mock server answers at http://127.0.0.1:1"),
    ):
        error = command(*words, refused=True).exception
        assert isinstance(error, SettingsError)
        assert str(error).startswith(sentence)
