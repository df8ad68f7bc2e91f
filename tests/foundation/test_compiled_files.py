"""Compiled contracts are found again, made anew when anything is wrong with them, and never taken from others."""

import os
import shutil
from pathlib import Path

import pytest

from mockserver.contract import ContractError, compiling, load_contract, loading
from mockserver.contract.document import JsonObject
from mockserver.foundation.compiled_files import digest_of, find, keep, packed, unpacked
from mockserver.providers.contracts import provider_names, read_contract_of, write_compiled

SOURCE = Path(__file__).parents[2] / "contracts" / "seeker.yaml"
OVERLAY = "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions: [{target: $.info, update: {title: Another}}]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder that is not there yet."""
    monkeypatch.setenv("MOCKSERVER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[JsonObject]:
    """The documents that were compiled since, one for each time."""
    documents: list[JsonObject] = []
    compile_document = compiling.compile_document

    def noting(document: JsonObject) -> JsonObject:
        documents.append(document)
        return compile_document(document)

    monkeypatch.setattr(compiling, "compile_document", noting)
    return documents


def start(path: Path = SOURCE, *overlays: Path) -> str:
    """Loads and keeps a contract as a process does that has just begun; returns its title."""
    loading._load.cache_clear()
    contract = load_contract("seeker", path, overlays)
    loading.keep_contract(contract)
    assert contract.operations["getLeads"].replies[200].media["application/json"].is_valid(None) is False
    return str(contract.document["info"]["title"])


def test_a_second_start_compiles_nothing_and_knows_the_same(folder: Path, compiled: list[JsonObject]) -> None:
    title = start()
    assert len(list(folder.iterdir())) == 1
    del compiled[:]
    assert start() == title
    assert compiled == []
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", [b"", b"00000000\n{}\n{}", b"not even that", None], ids=["empty", "sum", "text", "cut"]
)
def test_a_broken_file_is_made_anew(folder: Path, compiled: list[JsonObject], content: bytes | None) -> None:
    start()
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-100] if content is None else content)
    del compiled[:]
    start()
    assert compiled
    assert file.read_bytes() == whole


def test_a_deleted_folder_is_made_anew(folder: Path, compiled: list[JsonObject]) -> None:
    start()
    shutil.rmtree(folder)
    del compiled[:]
    start()
    assert compiled
    assert list(folder.iterdir())


@pytest.mark.parametrize("mode", [0o770, 0o702])
def test_a_folder_in_which_others_can_write_is_neither_read_nor_written(
    folder: Path, compiled: list[JsonObject], mode: int
) -> None:
    start()
    folder.chmod(mode)
    (file,) = folder.iterdir()
    file.rename(file.with_name("moved"))
    del compiled[:]
    start()
    assert compiled
    assert [path.name for path in folder.iterdir()] == ["moved"]


def test_a_file_that_others_can_write_is_not_read(folder: Path, compiled: list[JsonObject]) -> None:
    start()
    (file,) = folder.iterdir()
    file.chmod(0o666)
    del compiled[:]
    start()
    assert compiled
    assert file.stat().st_mode & 0o777 == 0o600, "it was made anew"


def test_a_link_is_not_followed(folder: Path, compiled: list[JsonObject]) -> None:
    start()
    (file,) = folder.iterdir()
    file.rename(folder.with_name("elsewhere"))
    file.symlink_to(folder.with_name("elsewhere"))
    del compiled[:]
    start()
    assert compiled
    assert not file.is_symlink()


def test_another_user_s_folder_is_not_trusted(
    folder: Path, compiled: list[JsonObject], monkeypatch: pytest.MonkeyPatch
) -> None:
    start()
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    del compiled[:]
    start()
    assert compiled


def test_nothing_is_needed_to_write_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MOCKSERVER_CACHE", str(tmp_path / "file" / "below"))
    assert start()


def test_an_overlay_and_a_changed_document_have_files_of_their_own(
    folder: Path, compiled: list[JsonObject], tmp_path: Path
) -> None:
    title = start()
    overlay, changed = tmp_path / "overlay.yaml", tmp_path / "seeker.yaml"
    overlay.write_text(OVERLAY, encoding="utf-8")
    assert start(SOURCE, overlay) == "Another"
    changed.write_text(SOURCE.read_text(encoding="utf-8").replace(title, "Changed", 1), encoding="utf-8")
    assert start(changed) == "Changed"
    assert len(list(folder.iterdir())) == 3
    del compiled[:]
    assert (start(), start(SOURCE, overlay), start(changed)) == (title, "Another", "Changed")
    assert compiled == []


def test_a_contract_that_is_refused_is_refused_each_time(folder: Path, tmp_path: Path) -> None:
    changed = tmp_path / "seeker.yaml"
    changed.write_text(SOURCE.read_text(encoding="utf-8").replace("operationId: getLeads", "x-nothing: 1", 1), "utf-8")
    for _ in range(2):
        with pytest.raises(ContractError):
            start(changed)
    assert not folder.exists()


def test_old_files_make_room_for_new_ones(folder: Path) -> None:
    content = packed({"operations": []}, {})
    for number in range(40):
        keep("test", digest_of(b"%d" % number), content)
    assert len(list(folder.iterdir())) == 24
    assert find("test", digest_of(b"39")) == unpacked(content)
    assert find("test", digest_of(b"0")) is None


def test_a_wheel_s_files_are_those_that_a_start_looks_for(tmp_path: Path) -> None:
    files = {file.name: file for file in write_compiled(tmp_path)}
    for name in provider_names():
        contract = read_contract_of(name)
        compiled, _ = unpacked(files[f"{name}-{contract.digest}.compiled"].read_bytes())
        assert [operation["id"] for operation in compiled["operations"]] == list(contract.operations)


def test_parts_of_a_digest_cannot_be_moved_from_one_to_the_next() -> None:
    assert digest_of(b"ab", b"c") != digest_of(b"a", b"bc")
