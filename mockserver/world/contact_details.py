"""Phone numbers and e-mail addresses that can never reach anybody."""

import unicodedata
from functools import lru_cache

from mockserver.domain import Commune, Phone, PhoneKind
from mockserver.foundation.patterns import late_pattern

DOMAINS = ("example.com", "example.org", "example.net")
"""RFC 2606."""
MOBILE = "+3363998"
"""ARCEP reserves this prefix and those of landlines below for fiction; four digits follow."""
LANDLINES = {"01": "+3319900", "02": "+3326191", "03": "+3335301", "04": "+3346571", "05": "+3353649"}
_ZONES = {
    "Île-de-France": "01",
    **dict.fromkeys(
        ("Normandie", "Bretagne", "Pays de la Loire", "Centre-Val de Loire", "La Réunion", "Mayotte"), "02"
    ),
    **dict.fromkeys(("Hauts-de-France", "Grand Est", "Bourgogne-Franche-Comté"), "03"),
    **dict.fromkeys(("Nouvelle-Aquitaine", "Guadeloupe", "Martinique", "Guyane"), "05"),
}
_NOT_IN_MAIL = late_pattern("[^a-z0-9]+")
_WITHOUT_ACCENT = str.maketrans({"œ": "oe", "æ": "ae", "’": "-", "ł": "l", "ı": "i", "ø": "o", "đ": "d", "ß": "ss"})
"""Letters that Unicode does not take apart."""
_STEP = 7_919
"""Prime to 10,000: so the numbers of 10,000 successive ids all differ."""


def mobile(id: int) -> str:
    """An E.164 mobile number; two ids share one only when they are 10,000 apart."""
    return f"{MOBILE}{id * _STEP % 10_000:04}"


def landline(id: int, commune: Commune) -> str:
    """An E.164 landline number in the zone of the commune."""
    return f"{LANDLINES[_ZONES.get(commune.region, '04')]}{id * _STEP % 10_000:04}"


def email(first: str, last: str, id: int) -> str:
    """An address made from a name, as far as ASCII goes: `helene.d-almeida4217@example.org`."""
    words = [word for word in (_ascii(first), _ascii(last)) if word] or ["contact"]
    return f"{'.'.join(words)[:50].strip('.-')}{id % 10_000}@{DOMAINS[id // 3 % len(DOMAINS)]}"


def national(phone: Phone) -> str:
    """As the French write it, `06 39 98 12 34`; a foreign or odd number stays as it was given."""
    if not (phone.number.startswith("+33") and len(phone.number) == 12):
        return phone.number
    digits = f"0{phone.number[3:]}"
    return " ".join(digits[start : start + 2] for start in range(0, 10, 2))


def phone_to_call(phones: tuple[Phone, ...]) -> Phone | None:
    """The phone whose number somebody would write into a message: a mobile first."""
    for phone in phones:
        if phone.kind is PhoneKind.MOBILE:
            return phone
    return phones[0] if phones else None


@lru_cache(4_096)
def _ascii(text: str) -> str:
    if text.isascii() and text.isalpha():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text.lower().translate(_WITHOUT_ACCENT))
    return _NOT_IN_MAIL.sub("-", folded.encode("ascii", "ignore").decode()).strip("-")
