"""Locales: who enquires is from there, whatever Faker is installed; what is for sale stays French."""

import sys
from collections import Counter
from pathlib import Path

import orjson
import pytest
from faker import VERSION

from mockserver.domain import Kind, Person, Portal, Role
from mockserver.world import World, WorldError, WorldFile, load_world_file
from mockserver.world.faker_tables import draw_table
from mockserver.world.files import AgencyEntry, Size
from mockserver.world.locales import SHIPPED, load_locale, locale_file
from mockserver.world.rules import check_world
from tests.world.test_world import GOLDEN, digest, fresh, persons

pytestmark = pytest.mark.no_cover
"""Hundreds of entities, mostly by code that other tests reach too: not traced, which would cost much of their time."""

ORIGIN = 1_767_225_600  # 2026-01-01T00:00:00Z


def make(locale: str, seed: int = 1) -> World:
    size = Size(agents=2, estates=20, enquiries=60)
    return World(
        WorldFile(name="there", locale=locale, size=size, agencies=(AgencyEntry(id=1),)), origin=ORIGIN, seed=seed
    )


def seekers(world: World) -> list[Person]:
    return [person for person in persons(world) if person.role is Role.SEEKER and not person.erased]


def write(folder: Path, locale: str) -> str:
    path = folder / "there.yaml"
    path.write_text(f"name: there\nlocale: {locale}\nagencies: [{{id: 1}}]\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_table_is_what_its_version_of_faker_draws(name: str) -> None:
    shipped = orjson.loads(locale_file(name).read_bytes())
    assert shipped["faker"] != VERSION or shipped == draw_table(name)


def test_the_world_is_the_same_without_faker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faker", None)
    assert digest(fresh("small", seed=1)) == GOLDEN


def test_no_company_of_a_table_is_a_real_one() -> None:
    for name in SHIPPED:
        assert not {"Manpower", "Philips", "Randstad", "Heineken"} & set(load_locale(name).companies)


@pytest.mark.parametrize(("locale", "country"), [("de_DE", "DE"), ("nl_BE", "BE"), ("nl_NL", "NL")])
def test_people_are_from_the_country_of_the_locale_and_homes_are_french(locale: str, country: str) -> None:
    world, words = make(locale), load_locale(locale)
    natives = [person for person in seekers(world) if person.language == words.language]
    assert len(natives) > 40
    for person in natives:
        assert person.firstname in {*words.female, *words.male}
        assert person.lastname in words.last
        assert person.address.country in ("FR", country)
        town = (person.address.postcode, person.address.city)
        assert person.address.country == "FR" or town in {*words.towns, (None, None)}
    assert {person.address.country for person in natives} == {"FR", country}
    estates = [world.estate(1, position) for position in range(world.count(Kind.ESTATE, 1))]
    assert {estate.city for estate in estates} <= {commune.name for commune in world.communes.all}


@pytest.mark.parametrize(("locale", "portal"), [("de_DE", Portal.IMMOWELT_DE), ("nl_BE", Portal.IMMOWEB)])
def test_some_come_from_the_portal_of_their_country(locale: str, portal: Portal) -> None:
    drawn = Counter(make(locale).enquiry(1, position).portal for position in range(60))
    assert 0 < drawn[portal] < 30
    assert portal not in {make("fr_FR").enquiry(1, position).portal for position in range(60)}


@pytest.mark.parametrize("locale", ["de_DE", "nl_BE", "ru_RU"])
def test_the_rules_of_a_believable_world_hold_in_other_locales(locale: str) -> None:
    assert [rule.as_dict() for rule in check_world(make(locale))] == []


def test_another_locale_is_drawn_by_faker() -> None:
    natives = [person for person in seekers(make("it_IT")) if person.language == "it"]
    assert len(natives) > 40
    assert {person.address.country for person in natives} == {"FR", "IT"}


def test_a_locale_without_faker_is_refused_with_the_command_that_helps(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(
        WorldError, match=r"locale fi_FI needs what is not installed here: pip install 'lead-mockserver\[faker\]'"
    ):
        load_world_file(write(tmp_path, "fi_FI"))


@pytest.mark.parametrize(("locale", "why"), [("xx_XX", "none that Faker has"), ("german", "locale: ")])
def test_a_locale_that_is_none_is_refused(locale: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(WorldError, match=why):
        load_world_file(write(tmp_path, locale))
