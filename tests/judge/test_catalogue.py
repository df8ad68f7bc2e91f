from collections.abc import Mapping
from pathlib import Path

import pytest

from mockserver.foundation.resources import resource
from mockserver.judge.catalogue import OBLIGATIONS, CatalogueError, read_obligations, read_reasons, reasons_of
from mockserver.judge.rulings import Severity
from mockserver.providers.contracts import provider_names

REASON = "  reason: So they say.\n  rests_on: [{kind: behaviour, source: nobody wrote it down, level: assumed}]\n"
OBLIGATION = "RUN-01:\n  severity: must\n  sentence: calls\n  remedy: Call.\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fake.yaml"


def test_there_are_reasons_for_each_provider_and_for_nobody_else() -> None:
    shipped = resource("fixtures", "obligations").glob("*.yaml")
    assert sorted(path.stem for path in shipped) == provider_names()
    for name in provider_names():
        assert list(reasons_of(name)) == [id for id in OBLIGATIONS if id in reasons_of(name)], name


def test_a_file_of_reasons_is_read_by_the_ids_of_obligations(path: Path) -> None:
    path.write_text(f"RUN-01:\n{REASON}", encoding="utf-8")
    (reason,) = read_reasons(path, OBLIGATIONS).values()
    assert (reason.level, reason.document, reason.reason) == ("assumed", "nobody wrote it down", "So they say.")


def test_a_file_of_obligations_is_read_by_their_ids(path: Path) -> None:
    path.write_text(OBLIGATION, encoding="utf-8")
    (obligation,) = read_obligations(path).values()
    assert (obligation.id, obligation.severity, obligation.family) == ("RUN-01", Severity.MUST, "RUN")


MISTAKES: Mapping[str, tuple[str, str]] = {
    "an obligation that there is not": (f"RUN-99:\n{REASON}", ": RUN-99: there is no such obligation"),
    "an obligation with two reasons": (f"RUN-01:\n{REASON}RUN-01:\n{REASON}", ":4: RUN-01 stands there twice"),
    "a member twice": (f"RUN-01:\n{REASON}  reason: It is so.\n", ":4: reason stands there twice"),
    "a level that there is not": (
        f"RUN-01:\n{REASON}".replace("assumed", "guessed"),
        ": RUN-01: rests_on: 0: level: Input should be 'documented', 'observed', 'inferred' or 'assumed'",
    ),
    "a member that is missing": ("RUN-01:\n  reason: So they say.\n", ": RUN-01: rests_on: Field required"),
    "a member too many": (f"RUN-01:\n{REASON}  sure: yes\n", ": RUN-01: sure: Extra inputs are not permitted"),
    "an empty reason": (f"RUN-01:\n{REASON}".replace("So they say.", "''"), ": RUN-01: reason: String should have"),
    "a reason that rests on nothing": (
        "RUN-01:\n  reason: So they say.\n  rests_on: []\n",
        ": RUN-01: rests_on: Tuple should have at least 1 item",
    ),
    "a behaviour without a level": (
        f"RUN-01:\n{REASON}".replace(", level: assumed", ""),
        ": RUN-01: rests_on: 0: a behaviour needs the level of its row of the ledger",
    ),
    "an answer with a level": (
        f"RUN-01:\n{REASON}".replace("behaviour", "answer"),
        ": RUN-01: rests_on: 0: what rests on answer is documented by the calls of the client",
    ),
    "a rule of the ledger": (
        f"RUN-01:\n{REASON}".replace("behaviour", "rule").replace("assumed", "assumed, row: listLeads operation"),
        ": RUN-01: rests_on: 0: only a behaviour stands in the ledger",
    ),
    "no mapping in an entry": ("RUN-01: so they say\n", ": RUN-01: it is to be a mapping"),
    "no mapping at all": ("- RUN-01\n", ": it is to be a mapping from ids to their members"),
    "no YAML": ("RUN-01: {\n", ": it is not YAML in UTF-8: "),
}


@pytest.mark.parametrize(("text", "mistake"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_one_sentence_with_file_and_id(path: Path, text: str, mistake: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as told:
        read_reasons(path, OBLIGATIONS)
    assert str(told.value).startswith(f"{path}{mistake}")
    assert "\n" not in str(told.value)


def test_a_mistake_in_an_obligation_is_told_as_well(path: Path) -> None:
    path.write_text(OBLIGATION.replace("must", "perhaps"), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"fake.yaml: RUN-01: severity: Input should be 'must'"):
        read_obligations(path)


def test_a_file_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"fake.yaml: it cannot be read: No such file"):
        read_reasons(path, OBLIGATIONS)
