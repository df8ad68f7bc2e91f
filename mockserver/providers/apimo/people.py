"""Contacts, users and agencies as Apimo shows them (dossier apimo §2.5, §2.6)."""

from typing import Any

from mockserver.domain import Agency, Agent, Commune, Kind, Person, PhoneKind, Role
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.apimo.times import to_paris


def contact(person: Person, context: ViewContext) -> dict[str, Any]:
    """A contact as clients met it: `name` is the company, `city` an object, the extranet password in clear."""
    address = person.address
    side = Role.OWNER if person.offers else person.role
    return {
        "id": person.id,
        "category": "3" if person.company else "1",
        "user": _follower(person, context),
        "password": None if person.erased or person.role is Role.SEEKER else f"extranet-{person.id}",
        "title": person.title,
        "name": person.company,
        "lastname": person.lastname,
        "firstname": person.firstname,
        "birthday_at": person.birth_date,
        "birthplace": None,
        "nationality": None,
        "job": person.job,
        "taxcode": None,
        "vat_number": None,
        "spouse_lastname": None,
        "spouse_firstname": None,
        "spouse_birthday_at": None,
        "spouse_birthplace": None,
        "spouse_nationality": None,
        "spouse_email": None,
        "spouse_mobile": None,
        "spouse_job": None,
        "email": person.email,
        "phone": person.number(PhoneKind.LANDLINE),
        "mobile": person.number(PhoneKind.MOBILE),
        "fax": person.fax,
        "address": address.street,
        "address_more": address.more,
        "city": _contact_city(person, context),
        "country": address.country,
        "website": f"https://www.example.com/{person.id}" if person.company else None,
        "language": [person.language] if person.language else [],
        "comment": person.comment,
        "tags": [side.value, f"active_{side.value}"],
        "tags_customized": [],
        "created_at": to_paris(person.created_at),
        "updated_at": to_paris(person.updated_at),
    }


def user(agent: Agent, context: ViewContext) -> dict[str, Any]:
    """A user of the agency's software; ids and group are strings, the password is never shown."""
    return {
        "id": str(agent.id),
        "agency": str(agent.agency),
        "active": agent.active,
        "created_at": to_paris(agent.created_at),
        "updated_at": to_paris(agent.updated_at),
        "firstname": agent.firstname,
        "lastname": agent.lastname,
        "username": agent.email.partition("@")[0],
        "password": "******",
        "language": agent.languages[0],
        "spoken_languages": list(agent.languages),
        "group": "3" if agent.manager else "5",
        "email": agent.email,
        "phone": agent.phone,
        "mobile": agent.mobile,
        "fax": None,
        "timezone": "Europe/Paris",
        "picture": None,
    }


def agency(agency: Agency, context: ViewContext) -> dict[str, Any]:
    """An agency as clients met it: its own id and its town's are strings."""
    commune = context.world.communes.by_id[agency.commune]
    return {
        "id": str(agency.id),
        "reference": agency.partner.removeprefix("RC-"),
        "active": True,
        "name": agency.name,
        "company": {"id": str(agency.id), "name": agency.name},
        "brand": None,
        "networks": [],
        "address": agency.address.street,
        "address_more": agency.address.more,
        "city": {
            "id": str(commune.id),
            "name": commune.name,
            "zipcode": agency.address.postcode or commune.postcodes[0],
        },
        "district": None,
        "country": "FR",
        "region": commune.region,
        "latitude": str(commune.lat),
        "longitude": str(commune.lon),
        "email": agency.email,
        "phone": agency.phone,
        "fax": None,
        "url": None,
        "logo": None,
        "logo_svg": None,
        "picture": None,
        "pictures": [],
        "currency": "EUR",
        "timetable": None,
        "quality": None,
        "created_at": to_paris(agency.created_at),
        "updated_at": to_paris(agency.updated_at),
        "providers": f"/agencies/{agency.id}/providers",
        "rates": [],
        "partners": [],
        "stories": [],
        "users": [],
        "sectors": [],
        "parameters": f"/agencies/{agency.id}/parameters",
        "subscription": None,
    }


def _follower(person: Person, context: ViewContext) -> int | None:
    """The user who looks after a contact; a write must name one (dossier apimo §2), and which it is, is ours."""
    users = context.store.ids(Kind.AGENT, person.agency)
    return users[person.id // 7 % len(users)] if users else None


def _contact_city(person: Person, context: ViewContext) -> dict[str, Any] | None:
    name, postcode = person.address.city, person.address.postcode
    if not name:
        return None
    commune: Commune | None = context.world.communes.find(f"{name} {postcode or ''}".strip())
    return {"id": commune.id if commune else 0, "name": name, "zipcode": postcode}
