"""`mockserver world show` lists the contents of a world for people."""

from collections.abc import Mapping
from typing import Any

from mockserver.domain import Kind
from mockserver.foundation.clock import iso
from mockserver.foundation.dataclass_fields import field_defaults
from mockserver.foundation.records import as_json
from mockserver.server.app import MockServer

_PLURALS = {
    Kind.ENQUIRY: "enquiries",
    Kind.ESTATE: "estates",
    Kind.PERSON: "persons",
    Kind.PROFILE: "search profiles",
    Kind.AGENT: "agents",
}


def summarize(server: MockServer) -> dict[str, Any]:
    """`world` (name, about, seed, origin) and rows of `agencies`, `credentials`, `examples`, `pins`."""
    world, store = server.sandbox.world, server.sandbox.store
    return {
        "world": {
            "name": world.file.name,
            "about": world.file.about,
            "seed": world.seed,
            "origin": iso(world.origin),
        },
        "agencies": [
            {
                "id": agency.id,
                "name": agency.name,
                "town": world.communes.by_id[agency.commune].name,
                "granted": "yes" if agency.granted else "no",
                **{plural: store.count(kind, agency.id) for kind, plural in _PLURALS.items()},
            }
            for agency in world.agencies.values()
        ],
        "credentials": [
            {"provider": name, "credentials": _words(server.providers[name].auth.describe_credentials(account))}
            for name, accounts in server.sandbox.accounts.items()
            for account in accounts.values()
        ],
        "examples": [row for kind in Kind if (row := _example(server, kind))],
        "pins": [
            {"kind": pin.kind.value, "agency": pin.agency, "position": pin.position, "why": pin.why}
            for pin in world.file.pins
        ],
    }


_NOT_SHOWN = frozenset({"id", "agency", "created_at", "updated_at", "extras"})
"""Members that an example has in a column of their own, or not at all."""


def _words(credentials: Mapping[str, Any]) -> str:
    texts = {
        word: " ".join(map(str, value)) if isinstance(value, list) else str(value)
        for word, value in credentials.items()
    }
    return ", ".join(f"{word} {text}" for word, text in texts.items())


def _example(server: MockServer, kind: Kind) -> dict[str, Any] | None:
    """The newest entity of a kind at the first agency."""
    store = server.sandbox.store
    agency = store.agencies()[0]
    ids = store.ids(kind, agency)
    entity = store.get(kind, ids[-1]) if len(ids) else None
    if entity is None:
        return None
    defaults = field_defaults(type(entity))
    fields = {
        name: value
        for name, value in as_json(entity).items()
        if name not in _NOT_SHOWN and (name not in defaults or getattr(entity, name) != defaults[name])
    }
    text = ", ".join(f"{name} {value}" for name, value in fields.items() if isinstance(value, str | int | float))
    return {
        "kind": kind.value,
        "id": entity.id,
        "agency": agency,
        "updated": iso(entity.updated_at),
        "members": text[:160],
    }
