"""Fingerprints of worlds tell whether another release makes the same one."""

from hashlib import blake2b

import orjson

from mockserver.domain import Kind
from mockserver.foundation.records import as_json
from mockserver.world import World

_SAMPLES = 2
"""Entities of each kind that are looked at, from the beginning and from the end of the first agency."""


def fingerprint(world: World) -> str:
    """Returns what a few entities of a world come to, which is the same wherever it is the same world."""
    digest = blake2b(digest_size=16)
    agency = next(iter(world.agencies))
    for kind in Kind:
        count = world.count(kind, agency)
        for position in sorted({*range(min(_SAMPLES, count)), *range(max(0, count - _SAMPLES), count)}):
            entity = as_json(world.entity(kind, agency, position))
            digest.update(orjson.dumps(entity, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS))
    return digest.hexdigest()
