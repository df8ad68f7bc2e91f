"""The seeker of a lead as GSL shows them; for a project with household and means (dossier gsl §6.2, §6.5)."""

from typing import Any

from mockserver.domain import Address, Enquiry, Finances, Household, Kind, Money, Person, PhoneKind
from mockserver.foundation.patterns import late_pattern
from mockserver.provider_api.json_members import email_or_absent, without_absent
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.gsl import codes
from mockserver.providers.gsl.personal_data import personal_data_filter

_NUMBERED = late_pattern(r"(?P<number>\d+(?: ?(?:bis|ter|quater|[A-Z]))?),? +(?P<street>\S.*)")


def seeker_of(enquiry: Enquiry, context: ViewContext) -> Person:
    """Returns the person who asked."""
    person = context.store.get(Kind.PERSON, enquiry.seeker)
    assert isinstance(person, Person)
    return person


def contact(enquiry: Enquiry, person: Person, context: ViewContext) -> dict[str, Any]:
    """`contactRequest` of any lead but a project.

    Of an erased seeker the e-mail address stays, as in the successor.
    """
    personal = personal_data_filter(person, context)
    return without_absent(
        {
            "fullName": personal(person.full_name or None),
            "email": email_or_absent(person.email),
            "phoneNumber": personal(_phone(person)),
            "message": personal(enquiry.message),
        }
    )


def project_contact(enquiry: Enquiry, person: Person, context: ViewContext) -> dict[str, Any]:
    """`contactRequest` of a project."""
    personal, project = personal_data_filter(person, context), enquiry.project
    household, finances = (project.household, project.finances) if project else (None, None)
    return without_absent(
        {
            "personContact": {
                "email": person.email or None,
                "fullName": personal(person.full_name or None),
                "phoneNumber": personal(_phone(person)),
                "salutation": personal(codes.SALUTATION.get(person.title or 0)),
                "adresse": personal(_address(person.address)),
            },
            "message": personal(enquiry.message),
            "personnalStatus": personal(_status(household, person.birth_date)),
            "borrowingCapacities": personal(_means(finances) if finances else None),
        }
    )


def _phone(person: Person) -> str | None:
    """Returns a single number, a mobile if there is one."""
    return person.number(PhoneKind.MOBILE) or person.number(PhoneKind.LANDLINE)


def _address(address: Address) -> dict[str, Any]:
    numbered = _NUMBERED.fullmatch(address.street or "")
    return {
        "postalCode": address.postcode,
        "city": address.city,
        "street": numbered["street"] if numbered else address.street,
        "houseNumber": numbered["number"] if numbered else None,
        "country": address.country,
    }


def _status(household: Household | None, birth_date: str | None) -> dict[str, Any]:
    """All members but the number of children are texts; their words are assumed."""
    return {
        "employmentStatus": household.employment.value if household else None,
        "childrenAtHome": household.children if household else None,
        "dateOfBirth": birth_date,
        "maritalStatus": household.marital_status.value if household else None,
        "houseHoldSize": str(household.size) if household else None,
    }


def _means(finances: Finances) -> dict[str, Any]:
    return {
        "income": {
            "grossIncome": _income("Gross", finances.gross),
            "netIncome": _income("Net", finances.net),
            "taxableIncome": _income("Taxable", finances.taxable),
            "taxes": {
                "annualTax": 12 * finances.taxes.own,
                "monthlyTax": finances.taxes.own,
                "annualHouseHoldTax": 12 * finances.taxes.household,
                "monthlyHouseHoldTax": finances.taxes.household,
                "annualCorporateTax": 12 * finances.taxes.corporate,
            },
        },
        "passiveIncome": {
            **_income("passive", finances.passive),
            "monthlypassiveCorporateIncome": finances.passive.corporate,
        },
        "savings": {"savingCapacity": finances.savings},
    }


def _income(kind: str, money: Money) -> dict[str, int]:
    return {
        f"annual{kind}Income": 12 * money.own,
        f"monthly{kind}Income": money.own,
        f"annual{kind}HouseHoldIncome": 12 * money.household,
        f"monthly{kind}HouseHoldIncome": money.household,
        f"annual{kind}CorporateIncome": 12 * money.corporate,
    }
