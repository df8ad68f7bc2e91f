"""The table of fault kinds: each row is whole, nothing else goes by the name of a kind, and one more takes one row."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import mockserver
from mockserver.contract import Operation
from mockserver.foundation.responses import EncodedResponse
from mockserver.judge.catalogue import OBLIGATIONS
from mockserver.judge.crashes import crashed
from mockserver.judge.losses import losses
from mockserver.judge.obligations.acceptance import JUDGES
from mockserver.judge.obligations.queries import spoilt
from mockserver.judge.rulings import State
from mockserver.provider_api.judge_adapter import was_complete, was_refused, was_strange
from mockserver.sandbox.faults import FAULT_KINDS, ClientMeets, FaultHit, FaultKind
from mockserver.sandbox.faults.effects.effect import Altered, Effect
from mockserver.sandbox.faults.members import MATCHING_MEMBERS, FaultMembers
from tests.support.evidence import entry, evidence, holds, lead, run, seen, shows

PACKAGE = Path(mockserver.__file__).parent
EFFECTS = PACKAGE / "sandbox" / "faults" / "effects"
SHARED = {"__init__", "effect", "json_values"}
"""Files of effects that several kinds share."""


@pytest.mark.parametrize("kind", FAULT_KINDS.values(), ids=lambda kind: kind.name)
def test_every_row_is_whole(kind: FaultKind) -> None:
    assert FAULT_KINDS[kind.name] is kind
    assert {*kind.needed} <= {*kind.members} <= FaultMembers.model_fields.keys()
    assert (kind.statuses is not None) == ("status" in kind.members)
    assert kind.tests is None or kind.tests in OBLIGATIONS
    assert kind.tests is not None or kind.meets is not ClientMeets.STRANGE, "a judge must know what it is strange for"
    assert kind.leaves_answer_whole == (kind.meets not in (ClientMeets.SPOILING, ClientMeets.OTHER_STATUS))


def test_every_kind_has_a_file_of_its_own_and_every_file_a_kind() -> None:
    assert {path.stem for path in EFFECTS.glob("*.py")} - SHARED == set(FAULT_KINDS)


def test_every_sort_of_trouble_is_met() -> None:
    assert {kind.meets for kind in FAULT_KINDS.values()} == set(ClientMeets)


def test_every_member_belongs_to_all_kinds_or_to_some_row() -> None:
    of_some = {name for kind in FAULT_KINDS.values() for name in kind.members}
    assert of_some | MATCHING_MEMBERS | {"kind", "seed"} == set(FaultMembers.model_fields)


# ------------------------------------------------------------------------------------------- nothing but the table
def strings_beside_a_kind(tree: ast.AST) -> Iterator[ast.Constant]:
    """Texts that are compared with the kind of a fault, or looked up in it, in any form of writing it."""
    for node in ast.walk(tree):
        parts: list[ast.AST] = []
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.Match):
            parts = [node.subject, *(case.pattern for case in node.cases)]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            parts = [node.value] if isinstance(node.value, ast.Call | ast.Set | ast.Dict) else []
        texts = [part for outer in parts for part in ast.walk(outer) if isinstance(part, ast.Constant)]
        about_faults = any(
            (isinstance(part, ast.Attribute) and part.attr in ("kind", "fault"))
            or (isinstance(part, ast.Constant) and part.value == "kind")
            for outer in parts
            for part in ast.walk(outer)
        )
        if about_faults or sum(text.value in UNMISTAKABLE for text in texts) > 0:
            yield from texts


UNMISTAKABLE = {name for name in FAULT_KINDS if "_" in name and name != "content_type"} | {"truncate", "drip"}
"""Names that mean nothing but a kind of fault."""
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.parts[-2] != "client" and EFFECTS not in path.parents)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_but_the_table_goes_by_the_name_of_a_kind(path: Path) -> None:
    if path == EFFECTS.parent / "kinds.py":
        return
    for text in strings_beside_a_kind(ast.parse(path.read_text(encoding="utf-8"))):
        assert text.value not in FAULT_KINDS, f"{path}:{text.lineno} names the kind {text.value!r}"


# ------------------------------------------------------------------------------------------------- one row, one file
def shout(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
    """An effect: everything in capitals, so that no member has its name any more."""
    return Altered(response._replace(body=response.body.upper()), f"{operation.id} is shouted")


@pytest.fixture
def shouting(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more kind: one row and one effect."""
    kind = FaultKind("shout", Effect(shout), ClientMeets.STRANGE, ("pointer",), tests="TOLERANCE-01")
    monkeypatch.setitem(FAULT_KINDS, kind.name, kind)


@pytest.mark.usefixtures("shouting")
def test_a_new_kind_works_in_the_admin_api_and_in_the_pipeline(make_client: Callable[..., TestClient]) -> None:
    client = make_client()
    schemas = client.get("/__admin/openapi.json").json()["components"]["schemas"]
    assert schemas["Fault"]["properties"]["kind"]["enum"] == [*FAULT_KINDS]
    assert schemas["Fault"]["properties"]["kind"]["enum"][-1] == "shout"

    placed = client.post("/__admin/faults", json={"kind": "shout", "pointer": "/x", "times": 1})
    assert (placed.status_code, placed.json()["kind"]) == (201, "shout")
    shouted, plain = client.get("/apimo/agencies?limit=1"), client.get("/apimo/agencies?limit=1")
    assert shouted.content == plain.content.upper() != plain.content
    first, second = client.get("/__admin/journal?provider=apimo").json()["entries"]
    assert first["fault"] == {"id": "f1", "kind": "shout", "in_contract": False}
    assert first["notes"] == ["fault f1 (shout): listAgencies is shouted; out of contract"]
    assert second["fault"] is None

    preferred = client.get("/apimo/agencies?limit=1", headers={"Prefer": "fault=shout"})
    assert preferred.content == shouted.content
    assert preferred.headers["preference-applied"] == "fault=shout"


@pytest.mark.usefixtures("shouting")
def test_a_new_kind_has_its_own_members_and_stands_in_every_refusal(make_client: Callable[..., TestClient]) -> None:
    client = make_client()
    refused = client.post("/__admin/faults", json={"kind": "shout", "status": 503})
    assert "`status` means nothing to kind 'shout'" in refused.text
    refused = client.post("/__admin/faults", json={"kind": "empty", "pointer": "/x"})
    assert "it belongs to shout, wrong_type" in refused.text
    refused = client.post("/__admin/faults", json={"kind": "whisper"})
    assert "'reset' or 'shout'" in refused.text


@pytest.mark.usefixtures("shouting")
def test_a_judge_takes_a_new_kind_for_what_its_row_says() -> None:
    struck = entry(fault="shout")
    assert (was_complete(struck), was_strange(struck), was_refused(struck)) == (True, True, False)
    assert not spoilt(seen(fault="shout"))

    one, two = lead("1"), lead("2")
    call = shows(one, two, fault="shout")
    accepted = evidence(run(call, outcome=holds(one, two)))
    assert JUDGES["TOLERANCE-01"](accepted).state is State.HELD
    assert JUDGES["TOLERANCE-02"](accepted).state is State.NOT_REACHED
    lost = evidence(run(call, before=(one, two), after=(one, two), outcome=[]))
    assert {loss.obligation for loss in losses(lost)} == {"TOLERANCE-01"}
    assert [obligation for _, obligation in crashed(evidence(run(call, exit_code=1)))] == ["TOLERANCE-01"]
