"""Ids of the world look drawn, and can be read back."""

from uuid import RFC_4122, UUID

import pytest

from mockserver.world.invertible import (
    CODE_LENGTH,
    CODE_LETTERS,
    hidden_code,
    hidden_uuid,
    id_of_code,
    id_of_uuid,
    permuted,
    restored,
)

IDS = (0, 1, 170_001, 5_120_001, 2_000_000_000, 34**10 - 1)


@pytest.mark.parametrize("id", IDS)
def test_an_id_can_be_read_from_its_uuid_and_its_code(id: int) -> None:
    assert id_of_uuid(1, hidden_uuid(1, id)) == id
    assert id_of_code(1, hidden_code(1, id)) == id


def test_uuids_are_of_version_4_and_show_no_order() -> None:
    uuids = [hidden_uuid(1, 170_001 + number) for number in range(1_000)]
    assert {(UUID(text).version, UUID(text).variant, str(UUID(text)) == text) for text in uuids} == {
        (4, RFC_4122, True)
    }
    assert len(set(uuids)) == len({text[:4] for text in uuids[:20]}) * 50
    assert uuids != sorted(uuids)
    assert hidden_uuid(2, 170_001) != uuids[0]


@pytest.mark.parametrize(
    "text", ["", "x", hidden_uuid(2, 170_001), hidden_uuid(1, 170_001).upper(), f"{UUID(int=5)}", "é" * 36]
)
def test_no_id_is_read_from_another_text(text: str) -> None:
    assert id_of_uuid(1, text) is None


def test_codes_are_unique_and_show_no_order() -> None:
    codes = [hidden_code(1, 5_120_001 + number) for number in range(1_000)]
    assert len(set(codes)) == 1_000
    assert len({code[:2] for code in codes[:50]}) > 30
    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert set("".join(codes)) == set(CODE_LETTERS)


@pytest.mark.parametrize("text", ["", "A" * 9, "A" * 11, "a" * 10, "O" * 10])
def test_no_id_is_read_from_what_is_no_code(text: str) -> None:
    assert id_of_code(1, text) is None


@pytest.mark.parametrize("size", [1, 2, 3, 60, 1_001])
@pytest.mark.parametrize("key", [0, (1 << 64) - 1, 1 << 80])
def test_a_permutation_takes_every_place_once_and_can_be_undone(size: int, key: int) -> None:
    places = [permuted(key, size, value) for value in range(size)]
    assert sorted(places) == list(range(size))
    assert [restored(key, size, place) for place in places] == list(range(size))
