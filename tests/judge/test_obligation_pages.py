"""Pages on obligations: each has code that breaks it, and mended; all else that they tell is of the catalogue."""

import ast
import re
from io import StringIO

import pytest
from rich.console import Console

from mockserver.foundation.resources import resource
from mockserver.judge.catalogue import OBLIGATIONS, read_entries, reasons_of, severity_of
from mockserver.judge.obligation_docs import drills_for, write_families, write_page
from mockserver.judge.obligation_pages import code_of, families
from mockserver.providers.contracts import provider_names
from tests.conftest import ROOT


def written(id: str, width: int = 80) -> str:
    """A page as a terminal of that width has it."""
    console = Console(file=StringIO(), width=width)
    write_page(id, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("id", OBLIGATIONS)
def test_every_obligation_has_code_that_breaks_it_and_code_that_does_not(id: str) -> None:
    code = code_of(id)
    broken, mended = ast.parse(code.broken), ast.parse(code.mended)
    assert ast.dump(broken) != ast.dump(mended), "more than a comment is another one"
    assert max(map(len, (code.broken + code.mended).splitlines())) <= 120


def test_pages_are_about_obligations_and_families_that_there_are() -> None:
    for path in resource("fixtures", "obligations", "pages").glob("*"):
        assert path.stem in families()
        ids = list(read_entries(path))
        assert ids[0] == path.stem
        assert [id for id in ids if id in OBLIGATIONS] == [
            id for id, one in OBLIGATIONS.items() if one.family == path.stem
        ], path


def test_the_readme_says_what_families_are_about_in_the_same_words() -> None:
    rows = re.findall(r"^\| `([A-Z]+)` \| (.*?) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(name, family.about) for name, family in families().items()], (
        "obligations/pages/*.yaml have it, too"
    )


@pytest.mark.parametrize("id", OBLIGATIONS)
def test_a_page_has_reasons_drills_code_and_documents(id: str) -> None:
    text = written(id)
    plain = " ".join(text.split())
    assert text.startswith(f"{id}: A correct client ")
    assert " ".join(OBLIGATIONS[id].remedy.split()) in plain
    for provider in provider_names():
        if reason := reasons_of(provider).get(id):
            assert f"\n{provider}: {severity_of(provider, id)}, {reason.level}\n" in text
            assert " ".join(reason.reason.split()) in plain
        else:
            assert f"\n{provider}: it does not bind a client.\n" in text
    assert all(name in plain for name in drills_for(id))
    assert drills_for(id)
    for code in (code_of(id).broken, code_of(id).mended):
        assert all(line.strip() in text for line in code.splitlines())
    assert not re.search(r"seed \d|dossier ", text)


def test_a_page_fits_a_narrow_terminal_but_for_code_and_addresses() -> None:
    text = written("PAGE-04", 60)
    prose = text[: text.index("\nBroken\n")] + text[text.index("\nDocuments\n") :]
    assert max(len(line) for line in prose.splitlines() if "https://" not in line) <= 60
    assert "https://apimo.net/en/api/webservice/" in text


def test_all_pages_are_listed() -> None:
    console = Console(file=StringIO(), width=200)
    write_families(console)
    assert isinstance(console.file, StringIO)
    lines = console.file.getvalue().splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == list(OBLIGATIONS)
