"""Pages of a list: each item is encoded and checked once, and joined as often as it is asked for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from mockserver.contract import Operation
from mockserver.contract.checks import violations
from mockserver.domain import Entity, Kind
from mockserver.foundation.compact import compact
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.problems import Violation, internal_error
from mockserver.foundation.slices import look_at_the_time
from mockserver.provider_api.call import Call
from mockserver.provider_api.view_context import View, ViewContext


@dataclass(slots=True)
class Page:
    """Items that are encoded and checked already, and the envelope around them, which lacks only the array.

    A page that is kept until the store changes also keeps what was made of it: the same page is the same answer.
    """

    items: Sequence[bytes]
    envelope: Mapping[str, Any]
    encoded: bytes | None = None
    """The whole checked body, once it was put together."""

    @property
    def weight(self) -> int:
        """About how many bytes it takes once it was sent; its items may be kept elsewhere as well."""
        return 2 * sum(map(len, self.items))

    def cache_encoded(self, body: bytes) -> None:
        """Keeps the whole checked body."""
        self.encoded = body


def encode_page(
    call: Call,
    kind: Kind,
    ids: Sequence[int],
    view: View,
    envelope: Mapping[str, Any],
    *,
    viewer: str = "",
    note: Callable[[Entity], None] | None = None,
) -> Page:
    """Returns the entities with those ids as a page. Each is encoded and checked once, until what it shows changes.

    `viewer` is the user of the call where the view shows it: sandboxes of one world share what is encoded. `note`
    receives each entity that has to be encoded for it.
    """
    store, operation = call.store, call.operation
    context: ViewContext | None = None
    # The same lead may stand in lists whose items have different schemas: what was checked for one is not for another.
    listing = operation.replies[200].listing
    shape = id(listing.item) if listing else 0
    key = f"{call.contract.name}/{view.__name__}/{shape}/{call.sandbox.variants_key(call.contract.name)}/{viewer}"

    def encode(entity_id: int) -> bytes | None:
        nonlocal context
        encoded = store.encoded(key, kind, entity_id)
        if encoded is None:
            entity = store.get(kind, entity_id)
            if entity is None:
                return None
            look_at_the_time()
            context = context or call.view_context
            encoded = compact(encode_item(operation, view(entity, context)))
            store.cache_encoded(key, kind, entity_id, encoded)
            if note is not None:
                note(entity)
        return encoded

    # A page that was made before costs little for each item; one that is under way goes on item by item.
    items = store.all_encoded(key, kind, ids) if call.walks is None or not call.walks.results else [None]
    if None in items:
        items = call.walk(key, ids, encode)
    return Page([item for item in items if item is not None], envelope)


def encode_item(operation: Operation, value: Any) -> bytes:
    """Returns an item of the operation's list as JSON. Raises `internal_error` when it breaks the contract."""
    listing = operation.replies[200].listing
    if listing is None:
        raise internal_error([Violation("reply", "", "listing", f"{operation.id} answers no list in the contract")])
    if wrong := violations(listing.item, value, "reply", f"/{'/'.join(listing.path)}/-"):
        raise internal_error(wrong)
    return orjson.dumps(value)
