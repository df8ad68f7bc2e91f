"""Names of towns in French sentences: the preposition before a name contracts with its article."""

from functools import cache

VOWELS = frozenset("AEIOUYÀÂÄÉÈÊËÎÏÔÖÙÛÜŸÆŒH")
"""First letters before which `de` loses its e; an h is silent unless `ASPIRATED` names the town."""
ASPIRATED = frozenset({"Honfleur"})


@cache
def at_town(name: str) -> str:
    """The town after `à`: `à Nice`, `au Cannet`, `aux Sables-d'Olonne`."""
    return _contracted(name, "au", "aux") or f"à {name}"


@cache
def of_town(name: str) -> str:
    """The town after `de`: `de Nice`, `d’Antibes`, `du Cannet`, `des Sables-d'Olonne`."""
    elided = name[:1] in VOWELS and name not in ASPIRATED
    return _contracted(name, "du", "des") or (f"d’{name}" if elided else f"de {name}")


def _contracted(name: str, one: str, many: str) -> str | None:
    article, _, rest = name.partition(" ")
    preposition = {"Le": one, "Les": many}.get(article)
    return f"{preposition} {rest}" if preposition and rest else None
