"""Reads what a database keeps as it came; it is made when somebody looks, as where it was written."""

from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.providers.apimo.lead_records import read_links
from mockserver.providers.apimo.new_lead import NewLead
from mockserver.sandbox.store.deferred import DeferredWrite, NewUuid


def read_write(record: Mapping[str, Any], new_uuid: NewUuid) -> DeferredWrite:
    """Returns the lead of a record, which knows only what the entity of that record shows."""
    person, enquiry = record["ids"]
    sender, reference = record.get("source_key", (0, ""))
    return NewLead(
        record["agency"],
        record["moment"],
        orjson.dumps(record["body"]),
        ids=(person, enquiry),
        source_key=(sender, reference),
        parent=record.get("parent"),
        links=read_links(record),
        new_uuid=new_uuid,
    )
