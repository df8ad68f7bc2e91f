"""The tables in `fixtures/tables`: what a world is drawn from must be true of France and of Apimo."""

import json
import string
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from mockserver.domain import ContactSituation, EstateType, Intention, Staff, TimeToMarket, Transaction
from mockserver.world.people import LANGUAGES

TABLES = Path(__file__).parents[2] / "fixtures" / "tables"

# (lat min, lat max, lon min, lon max)
MAINLAND = (42.3, 51.1, -5.2, 8.3)
CORSICA = (41.3, 43.1, 8.5, 9.6)
OVERSEAS = {
    "971": (15.8, 16.6, -61.9, -60.9),
    "972": (14.3, 14.9, -61.3, -60.8),
    "973": (2.1, 5.8, -54.7, -51.6),
    "974": (-21.4, -20.8, 55.2, 55.9),
    "976": (-13.1, -12.6, 45.0, 45.4),
}
REGIONS = {
    "Auvergne-Rhône-Alpes",
    "Bourgogne-Franche-Comté",
    "Bretagne",
    "Centre-Val de Loire",
    "Corse",
    "Grand Est",
    "Hauts-de-France",
    "Normandie",
    "Nouvelle-Aquitaine",
    "Occitanie",
    "Pays de la Loire",
    "Provence-Alpes-Côte d'Azur",
    "Île-de-France",
    "Guadeloupe",
    "Guyane",
    "La Réunion",
    "Martinique",
    "Mayotte",
}

LISTING_WORDS = {"estate", "city", "reference", "price", "rooms", "area", "firstname", "lastname", "phone", "CITY"}
FORM_WORDS = LISTING_WORDS - {"estate", "reference"}

# ids that the rest of the project leans on
CATALOG_IDS = {
    "lead_type": set(range(1, 9)),
    "lead_step": set(range(1, 6)),
    "contact_title": set(range(1, 20)),
    "property_category": set(range(1, 7)),
    "property_type": set(range(1, 11)),
    "property_step": {1, 2, 3, 4},
    "property_status": {1, 20, 21, 22, 24, 25, 27, 28, 29, 30, 31, 32, 33, 34, 35, 39, 40},
    "property_subcategory": {1, 2, *range(21, 27), 31, 32, 41, *range(51, 60)},
    "property_period": set(range(1, 9)),
    "referral": set(range(1, 19)),
    "unit_area": set(range(1, 12)),
    "user_group": set(range(1, 11)),
}


def load(name: str) -> Any:
    return json.loads((TABLES / name).read_text(encoding="utf-8"))


def communes() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = load("communes.json")
    return rows


def catalogs() -> dict[str, list[dict[str, str | None]]]:
    tables: dict[str, list[dict[str, str | None]]] = load("catalogs.json")
    return tables


def templates() -> Iterator[tuple[str, str, set[str]]]:
    """Where it stands, the template, the words it may use."""
    messages = load("messages.json")
    for kind in ("classified", "long"):
        yield from ((kind, text_of(entry), LISTING_WORDS) for entry in messages[kind])
    for kind in ("estimation", "property_search"):
        yield from ((kind, text_of(entry), FORM_WORDS) for entry in messages[kind])
    for kind, entries in messages["premises"].items():
        yield from ((f"premises {kind}", text_of(entry), LISTING_WORDS - {"rooms", "reference"}) for entry in entries)
    for intention, entries in messages["agency"].items():
        yield from ((f"agency {intention}", text_of(entry), FORM_WORDS | {"estate"}) for entry in entries)
    for language, entries in messages["other_languages"].items():
        yield from ((f"other_languages {language}", text_of(entry), LISTING_WORDS) for entry in entries)
    for kind, entries in messages["remarks"].items():
        yield from ((f"remarks {kind}", text_of(entry), set()) for entry in entries)


def text_of(entry: Any) -> str:
    text: str = entry if isinstance(entry, str) else entry["text"]
    return text


def conditions(table: Any) -> Iterator[dict[str, Any]]:
    """Every entry that suits only some matters."""
    if isinstance(table, dict) and "text" in table:
        yield table
    elif not isinstance(table, str):
        for part in table.values() if isinstance(table, dict) else table:
            yield from conditions(part)


def within(lat: float, lon: float, box: tuple[float, float, float, float]) -> bool:
    south, north, west, east = box
    return south <= lat <= north and west <= lon <= east


def test_every_table_is_nfc_text_without_a_bom() -> None:
    for path in TABLES.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert not text.startswith("\ufeff"), path.name
        assert unicodedata.is_normalized("NFC", text), path.name


def test_communes_have_one_shape() -> None:
    keys = ["insee", "name", "postcodes", "department", "region"]
    keys += ["lat", "lon", "buy_m2", "rent_m2", "weight", "districts"]
    for commune in communes():
        several = len(commune["postcodes"]) > 1 and bool(commune["districts"])
        assert list(commune) == keys + ["district_postcodes"] * several, commune["name"]
        assert set(commune.get("district_postcodes", [])) <= set(commune["postcodes"]), commune["name"]
        assert len(commune.get("district_postcodes", commune["districts"])) == len(commune["districts"])
        assert 500 <= commune["buy_m2"] <= 20_000, commune["name"]
        assert 5 <= commune["rent_m2"] <= 45, commune["name"]
        assert commune["weight"] in range(1, 6), commune["name"]
        assert len(set(commune["districts"])) == len(commune["districts"]), commune["name"]


def test_communes_are_listed_once() -> None:
    insee = [commune["insee"] for commune in communes()]
    assert len(insee) >= 120
    assert sorted(set(insee)) == insee


def test_postcodes_start_with_the_department() -> None:
    for commune in communes():
        department = commune["department"]
        start = "20" if department in ("2A", "2B") else department
        assert commune["postcodes"], commune["name"]
        for postcode in commune["postcodes"]:
            assert len(postcode) == 5, commune["name"]
            assert postcode.isascii(), commune["name"]
            assert postcode.isdigit(), commune["name"]
            assert postcode.startswith(start), commune["name"]


def test_insee_codes_start_with_the_department() -> None:
    for commune in communes():
        assert len(commune["insee"]) == 5, commune["name"]
        assert commune["insee"].startswith(commune["department"]), commune["name"]


def test_communes_lie_in_their_part_of_france() -> None:
    for commune in communes():
        department = commune["department"]
        box = CORSICA if department in ("2A", "2B") else OVERSEAS.get(department, MAINLAND)
        assert within(commune["lat"], commune["lon"], box), commune["name"]


def test_communes_cover_every_region() -> None:
    assert {commune["region"] for commune in communes()} == REGIONS
    region_of: dict[str, str] = {}
    for commune in communes():
        assert region_of.setdefault(commune["department"], commune["region"]) == commune["region"], commune["name"]


@pytest.mark.parametrize(
    ("insee", "name", "postcode"),
    [
        ("06004", "Antibes", "06160"),
        ("06088", "Nice", "06000"),
        ("06029", "Cannes", "06400"),
        ("94038", "L'Haÿ-les-Roses", "94240"),
        ("42218", "Saint-Étienne", "42000"),
        ("2A004", "Ajaccio", "20000"),
        ("97411", "Saint-Denis", "97400"),
        ("80829", "Y", "80190"),
    ],
)
def test_a_known_commune(insee: str, name: str, postcode: str) -> None:
    (commune,) = [row for row in communes() if row["insee"] == insee]
    assert commune["name"] == name
    assert postcode in commune["postcodes"]


def test_all_of_paris() -> None:
    paris = {row["insee"]: row for row in communes() if row["department"] == "75"}
    assert len(paris) == 20
    for number in range(1, 21):
        arrondissement = paris[f"751{number:02}"]
        assert arrondissement["name"] == ("Paris 1er" if number == 1 else f"Paris {number}ème")
        assert f"750{number:02}" in arrondissement["postcodes"]


def test_messages_use_only_the_words_of_their_kind() -> None:
    for kind, text, words in templates():
        fields = list(string.Formatter().parse(text))
        names = {name for _, name, _, _ in fields if name is not None}
        assert names <= words, (kind, text)
        assert not any(spec or conversion for _, _, spec, conversion in fields), (kind, text)


def test_messages_format() -> None:
    values = {word: word.upper() for word in LISTING_WORDS}
    for kind, text, words in templates():
        message = text.format(**{word: values[word] for word in words})
        assert message.strip() == message, (kind, text)
        assert "{" not in message, (kind, text)
        assert "}" not in message, (kind, text)


def test_messages_are_enough_and_all_different() -> None:
    messages = load("messages.json")
    assert len(messages["classified"]) >= 12
    assert set(messages["agency"]) == {"SELL", "BUY", "RENT", "MANAGE", "ASK_A_QUESTION"}
    assert all(len(texts) >= 5 for texts in messages["agency"].values())
    assert len(messages["estimation"]) >= 8
    assert len(messages["property_search"]) >= 8
    assert len(messages["long"]) >= 4
    assert all(600 <= len(text) <= 1500 and "\n\n" in text for text in map(text_of, messages["long"]))
    assert set(messages["other_languages"]) == {"en", "de", "es", "it", "nl", "pt"}
    assert all(len(texts) >= 2 for texts in messages["other_languages"].values())
    texts = [text for _, text, _ in templates()]
    assert len(set(texts)) == len(texts)


def test_messages_are_meant_for_what_there_is() -> None:
    known: dict[str, type[StrEnum]] = {
        **{"types": EstateType, "transactions": Transaction, "situations": ContactSituation, "times": TimeToMarket},
        **{"askers": Intention, "staff": Staff},
    }
    others = {
        *("rooms", "rooms_max", "area", "by_the_sea", "visited", "pictures"),
        *("months", "from_hour", "owns", "born", "resident", "countries"),
    }
    found = list(conditions(load("messages.json")))
    assert len(found) > 80
    for entry in found:
        assert set(entry) <= {"text", *known, *others}, entry["text"]
        assert len(entry) > 1, entry["text"]
        for member, words in known.items():
            assert set(entry.get(member, ())) <= set(words), entry["text"]


def test_names() -> None:
    names = load("names.json")
    assert list(names) == ["compound_first", "particle", "apostrophe", "emoji", "long", "abroad", "settled", "jobs"]
    for entries in lists_of_names(names):
        assert len(set(entries)) == len(entries), entries
        assert all(name.strip() == name and name for name in entries), entries
    assert all("'" in name or "\u2019" in name for name in names["apostrophe"])
    assert set(names["abroad"]) == set(LANGUAGES) - {"fr"}
    for origin in (names["long"], *names["abroad"].values(), *names["settled"].values()):
        assert list(origin) == ["female", "male", "last"]
    assert all(60 <= len(last) <= 90 for last in names["long"]["last"])
    assert all(len(forms) == 2 and all(forms) for forms in names["jobs"])


def lists_of_names(names: Any) -> Iterator[list[str]]:
    """Yields each list of names, however deep; the pairs of jobs are none."""
    if isinstance(names, list):
        yield names
        return
    for kind, entries in names.items():
        if kind != "jobs":
            yield from lists_of_names(entries)


def test_catalog_entries_have_unique_ids_in_order() -> None:
    for name, entries in catalogs().items():
        ids = [int(str(entry["id"])) for entry in entries]
        assert ids == sorted(set(ids)), name
        for entry in entries:
            assert list(entry) == ["id", "fr", "en"], name
            assert entry["id"] == str(int(str(entry["id"]))), name
            assert entry["fr"] is not None or entry["en"] is not None, name


def test_catalogs_are_those_with_known_values() -> None:
    names = list(catalogs())
    assert len(names) == 49
    assert names[:3] == ["book_step", "book_type", "construction_step"]
    assert names[-1] == "user_group"
    assert not {"action_type", "action_method", "general", "property_group", "origine"} & set(names)


@pytest.mark.parametrize("name", CATALOG_IDS)
def test_a_catalog_we_lean_on_has_its_ids(name: str) -> None:
    assert {int(str(entry["id"])) for entry in catalogs()[name]} == CATALOG_IDS[name]


def test_catalog_labels_keep_their_spelling() -> None:
    by_id = {name: {entry["id"]: entry for entry in entries} for name, entries in catalogs().items()}
    assert by_id["contact_title"]["16"]["en"] == "Accountant "
    assert by_id["lead_step"]["5"] == {"id": "5", "fr": "", "en": ""}
    assert by_id["property_service"]["77"] == {"id": "77", "fr": None, "en": "Backup water system"}
