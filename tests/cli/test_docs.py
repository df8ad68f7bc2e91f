"""The command `mockserver docs`: which pages there are, and how one is asked for."""

import sys
from collections.abc import Callable

import pytest

from mockserver.cli.main import main
from mockserver.judge.catalogue import OBLIGATIONS

Docs = Callable[..., tuple[int, str, str]]


@pytest.fixture
def docs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Docs:
    """Runs the command here; exit code and both outputs."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["mockserver", "docs", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return ended.value.code, *capsys.readouterr()

    return run


def test_without_a_topic_all_are_listed(docs: Docs) -> None:
    code, out, _ = docs()
    assert code == 0
    assert all(f"\n  {id}  " in out for id in OBLIGATIONS)


def test_a_topic_is_found_whatever_its_case(docs: Docs) -> None:
    code, out, err = docs("page-04")
    assert (code, err) == (0, "")
    assert out.startswith("PAGE-04: A correct client loses nothing when a list shifts while it is read.\n")
    assert docs("PAGE-04")[1] == out


def test_a_family_is_a_topic(docs: Docs) -> None:
    code, out, _ = docs("sync")
    assert code == 0
    assert out.startswith("SYNC: a correct client asks later for what is new")
    assert "\n  SYNC-02  loses nothing between two runs\n" in out
    assert "PAGE-01" not in out


@pytest.mark.parametrize(
    ("topic", "hint"), [("PAGE-4", "did you mean PAGE-04? "), ("hok-01", "did you mean HOOK-01? "), ("§§§", "")]
)
def test_an_unknown_topic_is_told_with_the_one_that_was_meant(topic: str, hint: str, docs: Docs) -> None:
    sentence = f"mockserver: there is no page on {topic!r}; {hint}mockserver docs lists them\n"
    assert docs(topic) == (2, "", sentence)
