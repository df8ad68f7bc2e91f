"""The outcome that a client leaves."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.judge import outcome_file
from mockserver.judge.evidence import HeldLead
from mockserver.judge.outcome_file import OutcomeError, clear_outcome, read_outcome
from mockserver.judge.program import ConformError


def test_an_outcome_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "outcome"
    assert read_outcome(path) is None
    path.touch()
    assert read_outcome(path) == ()
    path.write_bytes(
        b'\xef\xbb\xbf{"id": 4711, "email": "a@b.fr", "phone": null, "color": [1]}\r\n'
        b'\n{"id": "x", "name": "\xe2\x80\xa8"}'
    )
    assert read_outcome(path) == (HeldLead("4711", email="a@b.fr"), HeldLead("x", name="\u2028"))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"id": 1', "it is no JSON"),
        (b"[" * 100_000, r"it is no JSON"),
        (b'[{"id": 1}]', 'it is an array; one JSON object a line with the "id" of a lead is right'),
        (b'{"email": "x"}', "its id is not there"),
        (b'{"id": null}', "its id is null"),
        (b'{"id": ""}', "its id is empty text"),
        (b'{"id": true}', "its id is a boolean"),
        (b'{"id": 1, "phone": 33612345678}', "its phone is a number; text is right"),
        (b'{"id": 1, "parent": [2]}', "its parent is an array; the id of a lead is right, and null is none"),
        (b'{"id": 1, "parent": false}', "its parent is a boolean"),
        (b'{"id": "\xff"}', "it is not UTF-8"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "outcome"
    path.write_bytes(b'{"id": 1}\n' + line + b"\n")
    with pytest.raises(OutcomeError, match=f"line 2 of the outcome: {why}"):
        read_outcome(path)
    path.write_bytes(line + b"\n" + line)
    with pytest.raises(OutcomeError, match=r"\(and 1 more such lines\)"):
        read_outcome(path)


def test_a_line_says_to_which_lead_it_is_linked_or_to_none(tmp_path: Path) -> None:
    path = tmp_path / "outcome"
    path.write_text('{"id": 3, "parent": 1}\n{"id": 4, "parent": "2"}\n{"id": 5, "parent": null}\n{"id": 6}', "utf-8")
    assert [line.parent for line in read_outcome(path) or ()] == ["1", "2", "", None]


def test_lines_of_another_provider_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "outcome"
    path.write_text(
        '{"id": "a", "provider": "acme"}\n{"id": "z", "provider": "zeta"}\n{"id": "x"}\n{"id": "n", "provider": null}',
        encoding="utf-8",
    )
    known = {"acme": 1, "zeta": 2}
    assert read_outcome(path, "acme", known) == (HeldLead("a"), HeldLead("x"), HeldLead("n"))
    assert read_outcome(path, "zeta", known) == (HeldLead("z"), HeldLead("x"), HeldLead("n"))
    assert read_outcome(path) == (HeldLead("a"), HeldLead("z"), HeldLead("x"), HeldLead("n"))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('"acne"', "there is no provider 'acne'; there is acme, zeta"),
        ('""', "there is no provider ''"),
        (f'"{"x" * 100}"', f"there is no provider '{'x' * 57}...'; there is"),
        ("3", "its provider is a number; text is right"),
    ],
)
def test_a_line_of_a_provider_that_there_is_not_is_told(said: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "outcome"
    path.write_text(f'{{"id": "a", "provider": {said}}}\n', encoding="utf-8")
    with pytest.raises(OutcomeError, match=f"line 1 of the outcome: {why}"):
        read_outcome(path, "zeta", ("acme", "zeta"))


def test_an_outcome_that_is_no_file_or_too_big_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutcomeError, match="a file is right"):
        read_outcome(tmp_path)
    pipe, device = tmp_path / "pipe", tmp_path / "device"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        with pytest.raises(OutcomeError, match="is no file; a file is right"):
            read_outcome(path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(tmp_path / "socket"))
        with pytest.raises(OutcomeError, match=r"cannot be read: .*; a file is right"):
            read_outcome(tmp_path / "socket")
    path = tmp_path / "outcome"
    with path.open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    with pytest.raises(OutcomeError, match="more than 67108864 bytes"):
        read_outcome(path)


def test_whatever_a_client_left_as_its_outcome_is_removed_and_nothing_else(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x", encoding="utf-8")
    path = tmp_path / "outcome"
    made: list[Callable[[], object]] = [
        lambda: None,
        lambda: path.write_text("x", encoding="utf-8"),
        lambda: os.mkfifo(path),
        lambda: (path / "deep" / "deeper").mkdir(parents=True),
        lambda: path.symlink_to(kept),
        lambda: path.symlink_to(kept / "file"),
        lambda: path.symlink_to(tmp_path / "nowhere"),
    ]
    for make in made:
        make()
        clear_outcome(path)
        assert not os.path.lexists(path)
    assert (kept / "file").read_text(encoding="utf-8") == "x"
    with pytest.raises(ConformError, match=r"file/outcome cannot be removed: Not a directory; remove it"):
        clear_outcome(kept / "file" / "outcome")


def test_more_lines_than_anybody_holds_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome_file, "MAX_LINES", 3)
    path = tmp_path / "outcome.jsonl"
    path.write_bytes(b'{"id": "1"}\n' * 3)
    assert len(read_outcome(path) or ()) == 3
    path.write_bytes(b'{"id": "1"}\n' * 4)
    with pytest.raises(OutcomeError, match="lines, which are the most that are read"):
        read_outcome(path)
    path.write_bytes(b"none\n" * 3)
    with pytest.raises(OutcomeError, match=r"line 1 of the outcome: it is no JSON .* \(and 2 more such lines\)"):
        read_outcome(path)


def test_a_loop_of_links_is_told(tmp_path: Path) -> None:
    path = tmp_path / "outcome.jsonl"
    path.symlink_to(path)
    with pytest.raises(OutcomeError, match=r"cannot be read: .*; a file is right"):
        read_outcome(path)
    clear_outcome(path)
    assert not path.is_symlink()
