"""Apimo's catalogs: served as bare arrays, and consulted by writes (dossier apimo §6)."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from mockserver.foundation.problems import Violation, invalid, not_found
from mockserver.foundation.resources import shipped_json
from mockserver.provider_api.call import Call, Reply
from mockserver.providers.apimo.json_values import ids

_LONGEST_KEPT = 50
"""Characters of a text of ids that is not looked up again."""
_LONGEST_BODY = 4_096
"""Bytes of a body whose ids are looked at one by one each time."""
_MAX_KEPT = 512
"""The most bodies of which it is kept that their ids are known."""


class CatalogReferences:
    """The members of a body that refer to catalogs, each with the name of its catalog."""

    def __init__(self, **catalogs: str) -> None:
        self.catalogs: Mapping[str, str] = catalogs
        self._known_values: set[tuple[object, ...]] = set()
        """What the members of recent bodies were that refer to catalogs in full."""

    def are_known(self, body: Mapping[str, Any], size: int) -> bool:
        """Tells whether each member that refers to a catalog is a text of its ids, as most are; `size` is in bytes."""
        if size > _LONGEST_BODY:
            return self._are_known(body)
        values = tuple(map(body.get, self.catalogs))
        try:
            if values in self._known_values:
                return True
        except TypeError:  # an array
            return False
        if not self._are_known(body):
            return False
        if len(self._known_values) >= _MAX_KEPT:
            self._known_values.clear()
        self._known_values.add(values)
        return True

    def _are_known(self, body: Mapping[str, Any]) -> bool:
        for member in self.catalogs.keys() & body.keys():
            value = body[member]
            if type(value) is not str or len(value) > _LONGEST_KEPT or not _is_known(self.catalogs[member], value):
                return False
        return True


LEAD_CATALOGS = CatalogReferences(
    type="lead_type",
    step="lead_step",
    title="contact_title",
    area_unit="unit_area",
    referral="referral",
    property_category="property_category",
    property_types="property_type",
    property_sybtype="property_subtype",
    property_subtype="property_subtype",
    property_view_landscape="property_view_landscape",
    property_view_type="property_view_type",
    property_location="property_location",
)
"""Catalogs by the member of a written lead that refers to them."""

REQUEST_CATALOGS = CatalogReferences(
    category="property_category",
    subcategory="property_subcategory",
    types="property_type",
    subtype="property_subtype",
    referral="referral",
    standing="property_standing",
    condition="property_condition",
    availability="property_availability",
    proximities="property_proximity",
    services="property_service",
    activities="property_activity",
    tags="tags",
)
"""Catalogs by the member of a written request that refers to them."""


def catalogs() -> dict[str, list[dict[str, str | None]]]:
    """Every catalog with its entries `{id, fr, en}`, in the order in which Apimo lists them."""
    loaded: dict[str, list[dict[str, str | None]]] = shipped_json("fixtures", "tables", "catalogs.json")
    return loaded


def list_catalogs(call: Call) -> Reply:
    """Their names and addresses. The addresses are ours, since clients follow them."""
    base = f"{call.base_url}/catalogs"
    return Reply([{"name": name, "path": f"{base}/{name}", "private": False} for name in catalogs()])


def get_catalog(call: Call) -> Reply:
    """The entries of one catalog in French, or in English when the culture says so."""
    name = call.params["catalog_id"]
    entries = catalogs().get(name)
    if entries is None:
        raise not_found(f"There is no catalog {name!r}; /catalogs lists them.")
    culture = str(call.params.get("culture") or "fr")
    language = "en" if culture.lower().startswith("en") else "fr"
    if not culture.lower().startswith(("en", "fr")):
        call.notes.append(f"culture {culture!r} is not one of ours (fr, en); French was used")
    return Reply([_entry(entry, language) for entry in entries])


def check_ids(call: Call, references: CatalogReferences) -> None:
    """Notes ids that their catalog does not have; refuses them under variant `catalog-ids`."""
    if references.are_known(call.body, len(call.raw_body)):
        return
    catalogs = references.catalogs
    wrong = [
        Violation("body", f"/{member}", "catalog", f"`{member}` is {id}; catalog {catalogs[member]} has no such id")
        for member in call.body
        if member in catalogs
        for id in ids(call.body, member)
        if id not in _ids_of(catalogs[member])
    ]
    if wrong and call.variant("catalog-ids") == "refuse":
        raise invalid(wrong)
    call.notes.extend(f"{violation.message}; stored all the same" for violation in wrong)


@lru_cache(4096)
def _is_known(catalog: str, text: str) -> bool:
    return _ids_of(catalog).issuperset(ids({"": text}, ""))


@cache
def _ids_of(catalog: str) -> frozenset[int]:
    return frozenset(int(entry["id"] or 0) for entry in catalogs()[catalog])


def _entry(entry: Mapping[str, str | None], language: str) -> dict[str, Any]:
    # No source shows a value of name_plurial.
    return {"id": int(entry["id"] or 0), "culture": language, "name": entry[language], "name_plurial": None}
