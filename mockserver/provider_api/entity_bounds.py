"""The bound of what clients write of one entity: each write adds to what earlier ones left."""

from typing import Any

from mockserver.domain import Entity
from mockserver.foundation.problems import Violation, invalid
from mockserver.foundation.text_length import length_of_texts

MAX_TEXTS_OF_ENTITY = 128 * 1024
"""The most characters of all texts of an entity. A bound of ours: what a provider keeps is unknown (assumed)."""
_SMALL = 2 * 1024
"""The most characters of a body that needs no look: one for every member would not reach the bound."""


def are_long(body: Any) -> bool:
    """Tells whether what a body makes of an entity could be too long."""
    return length_of_texts(body) > _SMALL


def check_texts(body: Any, *entities: Entity) -> None:
    """Raises `invalid` when what a body makes of entities is too long; it is called before anything is stored."""
    if not are_long(body):
        return
    for entity in entities:
        length = length_of_texts(entity)
        if length > MAX_TEXTS_OF_ENTITY:
            message = (
                f"with what was written before, all texts of it would have {length} characters; "
                f"{MAX_TEXTS_OF_ENTITY} are the most that this server keeps"
            )
            raise invalid([Violation("body", "", "maxLength", message)])
