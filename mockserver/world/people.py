"""Recipes for people: seekers, owners, and the agents of an agency."""

from typing import Any

from mockserver.domain import Address, Agent, Commune, Gender, Kind, Person, Phone, PhoneKind, Role
from mockserver.foundation.epoch import Epoch
from mockserver.world.activity_calendar import OFFICE
from mockserver.world.contact_details import email, landline, mobile
from mockserver.world.context import WorldContext
from mockserver.world.erasure import erased_person
from mockserver.world.fakes import house_number
from mockserver.world.finances import LAST_WORKERS_BORN
from mockserver.world.names import JOBS_OF_TITLES, PersonName, draw_job, draw_name, draw_title
from mockserver.world.numbering import Spot
from mockserver.world.purposes import planned_purpose
from mockserver.world.rng import KeyedRandom, Weights, number
from mockserver.world.timeline import DAY, agent_created, enquiry_created, estate_created, was_open

LANGUAGES: Weights[str] = Weights({
    "fr": 94, "en": 2, "de": 0.8, "es": 0.6, "it": 0.6, "nl": 0.6, "pt": 0.6, "ru": 0.4, "he": 0.4,
})  # fmt: skip
LINES: Weights[str] = Weights({"": 6, "M": 68, "L": 8, "ML": 13, "LM": 2, "MML": 3})
"""Phones that somebody gave, in this order: mobile, landline."""
ABROAD: dict[str, str] = {
    **{"en": "GB IE US", "de": "DE CH AT", "es": "ES", "it": "IT CH"},
    **{"nl": "NL BE", "pt": "PT", "he": "IL"},
}
"""Countries of those who write in another language and do not live in France."""
LIVES_ABROAD = 0.5
"""The share of them."""
STILL_THERE = 0.9
"""The share of the agents who have not left."""
OWNS: Weights[bool | None] = Weights({None: 50, True: 20, False: 30})
"""Whether those say that they own a property who come for something else."""
COMMENTS = (
    "Préfère être appelé après 18 h.",
    "Rencontré sur place, clés à l’agence.",
    "Ne pas appeler le mercredi.",
    "Succession en cours chez le notaire.",
    "À relancer par courriel.",
)


def person(world: WorldContext, spot: Spot) -> Person:
    """The seeker of the enquiry at the same position, or an owner (positions after the last enquiry)."""
    estate = spot.position - world.count(Kind.ENQUIRY, spot.agency)
    rng = world.rng(Kind.PERSON, spot.id)
    made = _owner(world, rng, spot, estate) if estate >= 0 else _first_seeker(world, rng, spot)
    return erased_person(made) if _is_erased(world, spot, made.role) else made


def agent(world: WorldContext, spot: Spot) -> Agent:
    """Somebody who works at the agency; the first leads it."""
    rng = world.rng(Kind.AGENT, spot.id)
    first, last = world.fakes.name(number(world.seed, "name", Kind.AGENT, spot.id), rng.chance(0.5))
    created = agent_created(world, spot.agency, spot.position)
    active = world.pins.at(Kind.AGENT, spot.agency, spot.position).get("active", works(world, spot))
    return Agent(
        id=spot.id,
        agency=spot.agency,
        created_at=created,
        updated_at=_later(world, rng, created) if active else _left(world, spot, created),
        firstname=first,
        lastname=last,
        email=email(first, last, spot.id),
        phone=landline(spot.id, world.home(spot.agency)),
        mobile=mobile(spot.id) if rng.chance(0.8) else None,
        manager=spot.position == 0,
        active=active,
        languages=("fr", *(language for language in ("en", "es", "it") if rng.chance(0.25))),
    )


def works(world: WorldContext, spot: Spot) -> bool:
    """Tells whether an agent is still there; the leader of the agency always is."""
    return spot.position == 0 or world.uniform("works", Kind.AGENT, spot.id) < STILL_THERE


def _left(world: WorldContext, spot: Spot, created: Epoch) -> Epoch:
    """Returns the moment at which an agent left, after some months at least."""
    stayed = 0.1 + 0.85 * world.uniform("left", Kind.AGENT, spot.id)
    return OFFICE.between(created, world.origin, stayed)


def _first_seeker(world: WorldContext, rng: KeyedRandom, spot: Spot) -> Person:
    created = enquiry_created(world, spot.agency, spot.position)
    first = Spot(spot.agency, spot.position, world.id_at(Kind.ENQUIRY, spot.agency, spot.position))
    return seeker(world, rng, spot, created, offers=planned_purpose(world, first).offers)


def seeker(world: WorldContext, rng: KeyedRandom, spot: Spot, created: Epoch, *, offers: bool) -> Person:
    """Makes somebody who first enquired at that moment; `offers` tells whether in order to sell or let."""
    identity = _identity(world, rng, spot, created)
    owns = rng.weighted(OWNS)
    return Person(
        **identity,
        role=Role.SEEKER,
        company=_company(world, rng, spot, 0.015),
        is_owner=offers or owns,
        offers=offers,
        address=draw_address(world, rng, spot) if rng.chance(0.25) else _country(world, spot, identity["language"]),
        **_private(rng, identity, 0.05),
    )


def _owner(world: WorldContext, rng: KeyedRandom, spot: Spot, estate: int) -> Person:
    created = OFFICE.moment(OFFICE.elapsed(estate_created(world, spot.agency, estate)) - DAY)
    identity = _identity(world, rng, spot, created)
    return Person(
        **identity,
        role=Role.OWNER,
        company=_company(world, rng, spot, 0.1),
        is_owner=True,
        address=draw_address(world, rng, spot),
        fax=landline(spot.id + 1, world.home(spot.agency)) if rng.chance(0.05) else None,
        comment=rng.pick(COMMENTS) if rng.chance(0.25) else None,
        **_private(rng, identity, 0.25),
    )


def _identity(world: WorldContext, rng: KeyedRandom, spot: Spot, created: Epoch) -> dict[str, Any]:
    """Makes the members that every person has: moments, name, gender, contact details."""
    language = rng.weighted(LANGUAGES)
    name = draw_name(rng, world.fakes, number(world.seed, "name", Kind.PERSON, spot.id), language)
    phones = _phones(rng, spot.id, world.home(spot.agency))
    gender = _stated_gender(rng, name)
    return {
        "id": spot.id,
        "agency": spot.agency,
        "created_at": created,
        "updated_at": _later(world, rng, created),
        "firstname": name.first,
        "lastname": name.last,
        "gender": gender,
        "title": draw_title(rng, gender),
        "email": None if phones and rng.chance(0.055) else email(name.first, name.last, spot.id),
        "phones": phones,
        "language": language,
    }


def _private(rng: KeyedRandom, identity: dict[str, Any], probability: float) -> dict[str, Any]:
    """Makes the members that few people have: date of birth and job."""
    members: dict[str, Any] = {}
    if rng.chance(probability):
        youngest = 1985 if identity["title"] in JOBS_OF_TITLES else 2003
        members["birth_date"] = f"{rng.between(1940, youngest)}-{rng.between(1, 12):02}-{rng.between(1, 28):02}"
    works = int(members.get("birth_date", "1970")[:4]) >= LAST_WORKERS_BORN
    if rng.chance(probability) and works:
        members["job"] = draw_job(rng, identity["title"], identity["gender"])
    return members


def _stated_gender(rng: KeyedRandom, name: PersonName) -> Gender | None:
    """Draws the gender that a person states, if any; never against their first name."""
    drawn = rng.uniform()
    if drawn < 0.04:
        return Gender.UNDISCLOSED if drawn < 0.03 else Gender.OTHER
    return None if drawn < 0.1 else name.gender


def _phones(rng: KeyedRandom, id: int, home: Commune) -> tuple[Phone, ...]:
    lines = rng.weighted(LINES)
    return tuple(_phone(rng, line, id + index * 5_000, home) for index, line in enumerate(lines))


def _phone(rng: KeyedRandom, line: str, id: int, home: Commune) -> Phone:
    if line == "M":
        return Phone(kind=PhoneKind.MOBILE, number=mobile(id), verified=rng.chance(0.6))
    return Phone(kind=PhoneKind.LANDLINE, number=landline(id, home), verified=rng.chance(0.2))


def draw_address(world: WorldContext, rng: KeyedRandom, spot: Spot) -> Address:
    """An address in or near the agency's town."""
    commune = rng.pick(world.communes.around(world.home(spot.agency)))
    street = world.fakes.street(number(world.seed, "address", Kind.PERSON, spot.id))
    return Address(
        street=house_number(rng, street, 180),
        more=f"Bâtiment {rng.pick('ABCD')}" if rng.chance(0.15) else None,
        postcode=rng.pick(commune.postcodes),
        city=commune.name,
        country="FR",
    )


def _country(world: WorldContext, spot: Spot, language: str) -> Address:
    """The country is all that most seekers tell of their address."""
    countries = ABROAD.get(language, "FR").split()
    abroad = world.uniform("abroad", Kind.PERSON, spot.id) / LIVES_ABROAD
    return Address(country=countries[int(abroad * len(countries))] if abroad < 1 else "FR")


def _company(world: WorldContext, rng: KeyedRandom, spot: Spot, probability: float) -> str | None:
    if not rng.chance(probability):
        return None
    return world.fakes.company(number(world.seed, "company", Kind.PERSON, spot.id))


def _later(world: WorldContext, rng: KeyedRandom, created: Epoch) -> Epoch:
    """Draws the moment of the last change: for most entities that of their creation."""
    touched, passed = rng.chance(0.3), rng.uniform()
    return OFFICE.between(created, world.origin, passed) if touched and was_open(created, world.origin) else created


def _is_erased(world: WorldContext, spot: Spot, role: Role) -> bool:
    pinned: bool | None = world.pins.at(Kind.PERSON, spot.agency, spot.position).get("erased")
    drawn = role is Role.SEEKER and world.uniform("erased", Kind.PERSON, spot.id) < world.file.erased_share
    return drawn if pinned is None else pinned
