"""The ids of a body are looked up once for all bodies that have the same, and never taken for others."""

from typing import Any

import pytest

from mockserver.providers.apimo.catalogs import LEAD_CATALOGS, CatalogReferences


@pytest.mark.parametrize(
    ("body", "are_known"),
    [
        ({}, True),
        ({"type": "1", "property_types": "1, 2"}, True),
        ({"type": "", "step": " "}, True),
        ({"type": "999999"}, False),
        ({"type": 1}, False),
        ({"type": True}, False),
        ({"type": ["1"]}, False),
        ({"property_types": "1," * 30}, False),
        ({"reference": "999999"}, True),
    ],
)
def test_a_body_is_known_when_each_of_its_ids_is_a_text_of_known_ones(body: dict[str, Any], are_known: bool) -> None:
    references = CatalogReferences(**LEAD_CATALOGS.catalogs)
    for size in (10, 10, 5_000):
        assert references.are_known(body, size) is are_known


def test_few_bodies_are_kept_and_no_long_ones() -> None:
    references = CatalogReferences(**LEAD_CATALOGS.catalogs)
    for number in range(2_000):
        assert references.are_known({"type": "1" + " " * (number % 40), "step": "1" + " " * (number // 50)}, 10)
        assert references.are_known({"type": "2"}, 5_000)
    assert 0 < len(references._known_values) <= 512
    assert "2" not in {type for type, *_ in references._known_values}
