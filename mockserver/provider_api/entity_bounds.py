"""The bound of what clients write of one entity: each write adds to what earlier ones left."""

from mockserver.domain import Entity
from mockserver.foundation.problems import Violation, invalid
from mockserver.foundation.text_length import length_of_texts

MAX_TEXTS_OF_ENTITY = 128 * 1024
"""The most characters of all texts of an entity. A bound of ours: what a provider keeps is unknown (assumed)."""


def check_texts(*entities: Entity) -> None:
    """Raises `invalid` for an entity that has grown too long; it is called before anything is stored."""
    for entity in entities:
        length = length_of_texts(entity)
        if length > MAX_TEXTS_OF_ENTITY:
            message = (
                f"with what was written before, all texts of it would have {length} characters; "
                f"{MAX_TEXTS_OF_ENTITY} are the most that this server keeps"
            )
            raise invalid([Violation("body", "", "maxLength", message)])
