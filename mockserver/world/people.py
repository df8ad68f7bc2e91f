"""Recipes for people: seekers, owners, and the agents of an agency."""

from functools import cache

from mockserver.domain import Address, Agent, Commune, Gender, Kind, Person, Phone, PhoneKind, Role
from mockserver.foundation.epoch import Epoch
from mockserver.world.activity_calendar import OFFICE
from mockserver.world.contact_details import email, landline, mobile
from mockserver.world.context import WorldContext
from mockserver.world.locales import FRENCH, Locale, load_locale
from mockserver.world.names import JOBS_OF_TITLES, PersonName, draw_job, draw_name, draw_title
from mockserver.world.numbering import Spot
from mockserver.world.purposes import planned_purpose
from mockserver.world.rng import KeyedRandom, Weights
from mockserver.world.streets import draw_address_abroad, draw_street, house_number
from mockserver.world.timeline import DAY, agent_created, done_by, estate_created, settled_by, was_open

LANGUAGES: Weights[str] = Weights({
    "fr": 94, "en": 2, "de": 0.8, "es": 0.6, "it": 0.6, "nl": 0.6, "pt": 0.6, "ru": 0.4, "he": 0.4,
})  # fmt: skip
LINES: Weights[str] = Weights({"": 6, "M": 68, "L": 8, "ML": 13, "LM": 2, "MML": 3})
"""Phones that somebody gave, in this order: mobile, landline."""
FRENCH_ELSEWHERE = 3.0
"""The weight of French in a world whose seekers have another locale."""
ABROAD: dict[str, tuple[str, ...]] = {
    **{"en": ("GB", "IE", "US"), "de": ("DE", "CH", "AT"), "es": ("ES",), "it": ("IT", "CH")},
    **{"nl": ("NL", "BE"), "pt": ("PT",), "he": ("IL",)},
}
"""Countries of those who write in another language and do not live in France."""
LIVES_ABROAD = 0.5
"""The share of them."""
IN_FRANCE = Address(country="FR")
TOUCHED = 0.3
"""The share of the people who changed after they came."""
STILL_THERE = 0.9
"""The share of the agents who have not left."""
OWNS: Weights[bool | None] = Weights({None: 50, True: 20, False: 30})
"""Whether those say that they own a property who come for something else."""
LAST_WORKERS_BORN = 1961
"""People who were born later still work."""
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
    erased = rng.chance(world.file.erased_share) and estate < 0
    if world.pins.pinned:
        # Whoever is pinned, or has a pinned enquiry, is not erased by chance.
        pins = [world.pins.at(kind, spot.agency, spot.position) for kind in (Kind.PERSON, Kind.ENQUIRY)]
        erased = pins[0].get("erased", erased and not any(pins))
    made = _owner(world, rng, spot) if estate >= 0 else _first_seeker(world, rng, spot)
    if not erased:
        return made
    from mockserver.world.erasure import erased_person

    return erased_person(made)


def agent(world: WorldContext, spot: Spot) -> Agent:
    """Somebody who works at the agency, who is French; the first leads it."""
    rng, french = world.rng(Kind.AGENT, spot.id), load_locale(FRENCH)
    first, last = french.first_name(rng, rng.chance(0.5)), french.last_name(rng)
    created = agent_created(world, spot.agency, spot.position)
    active = world.pins.at(Kind.AGENT, spot.agency, spot.position).get("active", works(world, spot))
    return Agent(
        id=spot.id,
        agency=spot.agency,
        created_at=created,
        updated_at=_later(world, Kind.AGENT, spot.id, created, world.origin) if active else _left(world, spot, created),
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
    created = person_created(world, spot)
    first = Spot(spot.agency, spot.position, world.id_at(Kind.ENQUIRY, spot.agency, spot.position))
    return seeker(world, rng, spot, created, offers=planned_purpose(world, first).offers)


def seeker(world: WorldContext, rng: KeyedRandom, spot: Spot, created: Epoch, *, offers: bool) -> Person:
    """Makes somebody who first enquired at that moment; `offers` tells whether in order to sell or let."""
    usual = world.locale
    language = rng.weighted(languages_of(usual.language))
    locale = usual if language == usual.language else load_locale(FRENCH)
    name = draw_name(rng, usual, language)
    phones = _phones(rng, spot.id, world.home(spot.agency))
    owns = rng.weighted(OWNS)
    gender, title, birth_date, job = _personal(rng, locale, name, 0.05)
    return Person(
        id=spot.id,
        agency=spot.agency,
        created_at=created,
        updated_at=_updated(world, spot, created),
        role=Role.SEEKER,
        firstname=name.first,
        lastname=name.last,
        gender=gender,
        title=title,
        birth_date=birth_date,
        job=job,
        email=None if phones and rng.chance(0.055) else email(name.first, name.last, spot.id),
        phones=phones,
        language=language,
        company=locale.company(rng) if rng.chance(0.015) else None,
        is_owner=offers or owns,
        offers=offers,
        address=_address(world, rng, spot, language),
    )


def _owner(world: WorldContext, rng: KeyedRandom, spot: Spot) -> Person:
    """Makes the owner of an estate, who is as French as what they own."""
    created = person_created(world, spot)
    language, french = rng.weighted(LANGUAGES), load_locale(FRENCH)
    name = draw_name(rng, french, language)
    phones = _phones(rng, spot.id, world.home(spot.agency))
    gender, title, birth_date, job = _personal(rng, french, name, 0.25)
    return Person(
        id=spot.id,
        agency=spot.agency,
        created_at=created,
        updated_at=_updated(world, spot, created),
        role=Role.OWNER,
        firstname=name.first,
        lastname=name.last,
        gender=gender,
        title=title,
        birth_date=birth_date,
        job=job,
        email=None if phones and rng.chance(0.055) else email(name.first, name.last, spot.id),
        phones=phones,
        language=language,
        company=french.company(rng) if rng.chance(0.1) else None,
        is_owner=True,
        address=draw_address(world, rng, spot),
        fax=landline(spot.id + 1, world.home(spot.agency)) if rng.chance(0.05) else None,
        comment=rng.pick(COMMENTS) if rng.chance(0.25) else None,
    )


@cache
def languages_of(language: str) -> Weights[str]:
    """Returns the languages of seekers in a locale of that language, which stands in the place of French."""
    if language == "fr":
        return LANGUAGES
    others = {name: weight for name, weight in LANGUAGES.items() if name not in ("fr", language)}
    return Weights({language: LANGUAGES["fr"], "fr": FRENCH_ELSEWHERE, **others})


def _personal(
    rng: KeyedRandom, locale: Locale, name: PersonName, probability: float
) -> tuple[Gender | None, int | None, str | None, str | None]:
    """Draws the gender and the title that a person states, and what few people tell: date of birth and job."""
    gender = _stated_gender(rng, name)
    title = draw_title(rng, gender)
    day, job = None, None
    if rng.chance(probability):
        youngest = 1985 if title in JOBS_OF_TITLES else 2003
        day = f"{rng.between(1940, youngest)}-{rng.between(1, 12):02}-{rng.between(1, 28):02}"
    if rng.chance(probability) and (day is None or int(day[:4]) >= LAST_WORKERS_BORN):
        job = draw_job(rng, locale, title, gender)
    return gender, title, day, job


def _stated_gender(rng: KeyedRandom, name: PersonName) -> Gender | None:
    """Draws the gender that a person states, if any; never against their first name."""
    drawn = rng.uniform()
    if drawn < 0.04:
        return Gender.UNDISCLOSED if drawn < 0.03 else Gender.OTHER
    return None if drawn < 0.1 else name.gender


def _phones(rng: KeyedRandom, id: int, home: Commune) -> tuple[Phone, ...]:
    lines = rng.weighted(LINES)
    if len(lines) == 1:
        return (_phone(rng, lines, id, home),)
    return tuple([_phone(rng, line, id + index * 5_000, home) for index, line in enumerate(lines)])


def _phone(rng: KeyedRandom, line: str, id: int, home: Commune) -> Phone:
    if line == "M":
        return Phone(kind=PhoneKind.MOBILE, number=mobile(id), verified=rng.chance(0.6))
    return Phone(kind=PhoneKind.LANDLINE, number=landline(id, home), verified=rng.chance(0.2))


def draw_address(world: WorldContext, rng: KeyedRandom, spot: Spot) -> Address:
    """An address in or near the agency's town."""
    commune = rng.pick(world.communes.around(world.home(spot.agency)))
    return Address(
        street=house_number(rng, draw_street(rng), 180),
        more=f"Bâtiment {rng.pick('ABCD')}" if rng.chance(0.15) else None,
        postcode=rng.pick(commune.postcodes),
        city=commune.name,
        country="FR",
    )


def _address(world: WorldContext, rng: KeyedRandom, spot: Spot, language: str) -> Address:
    """The country is all that most seekers tell of their address."""
    has_address, locale = rng.chance(0.25), world.locale
    if language == "fr":
        return draw_address(world, rng, spot) if has_address else IN_FRANCE
    at_home = language == locale.language
    countries = (locale.country,) if at_home else ABROAD.get(language, ("FR",))
    abroad = rng.uniform() / LIVES_ABROAD
    if abroad >= 1:
        return draw_address(world, rng, spot) if has_address else IN_FRANCE
    if has_address and at_home:
        return draw_address_abroad(rng, locale)
    return Address(country=countries[int(abroad * len(countries))])


def person_updated(world: WorldContext, spot: Spot) -> Epoch:
    """Returns the moment of a person's last change, as `person` has it, without the person."""
    return _updated(world, spot, person_created(world, spot))


def person_created(world: WorldContext, spot: Spot) -> Epoch:
    """Returns the moment at which a person first came; by position it ascends for seekers, and again for owners."""
    estate = spot.position - world.count(Kind.ENQUIRY, spot.agency)
    if estate < 0:
        return world.enquiry_moment(spot.agency, spot.position)
    return OFFICE.moment(OFFICE.elapsed(estate_created(world, spot.agency, estate)) - DAY)


def _updated(world: WorldContext, spot: Spot, created: Epoch) -> Epoch:
    """Returns `person_updated` of somebody who first came at that moment."""
    if world.uniform("touched", Kind.PERSON, spot.id) >= TOUCHED:
        return created
    return _later(world, Kind.PERSON, spot.id, created, _last_change(world, spot))


def _last_change(world: WorldContext, spot: Spot) -> Epoch:
    """Returns the moment after which nothing of a person changes: the agency has done with what they asked, or sold."""
    estate = spot.position - world.count(Kind.ENQUIRY, spot.agency)
    return done_by(world, spot.agency, spot.position) if estate < 0 else settled_by(world, spot.agency, estate)


def _later(world: WorldContext, kind: Kind, id: int, created: Epoch, end: Epoch) -> Epoch:
    """Draws the moment of the last change, up to `end`: for most entities that of their creation."""
    luck = world.uniform("touched", kind, id) / TOUCHED
    return OFFICE.between(created, end, luck) if luck < 1 and was_open(created, end) else created
