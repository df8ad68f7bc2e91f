"""The table of fault kinds. To add a kind takes a file in `effects/` and a row here."""

from mockserver.sandbox.faults.effects.content_type import CONTENT_TYPE
from mockserver.sandbox.faults.effects.delay import DELAY
from mockserver.sandbox.faults.effects.drip import DRIP
from mockserver.sandbox.faults.effects.duplicate_items import DUPLICATE_ITEMS
from mockserver.sandbox.faults.effects.empty import EMPTY
from mockserver.sandbox.faults.effects.extra_members import EXTRA_MEMBERS
from mockserver.sandbox.faults.effects.gzip import GZIP
from mockserver.sandbox.faults.effects.malformed import MALFORMED
from mockserver.sandbox.faults.effects.patch import PATCH
from mockserver.sandbox.faults.effects.redirect import REDIRECT
from mockserver.sandbox.faults.effects.reorder_items import REORDER_ITEMS
from mockserver.sandbox.faults.effects.reset import RESET
from mockserver.sandbox.faults.effects.short_page import SHORT_PAGE
from mockserver.sandbox.faults.effects.stale import STALE
from mockserver.sandbox.faults.effects.status import STATUS
from mockserver.sandbox.faults.effects.truncate import TRUNCATE
from mockserver.sandbox.faults.effects.unknown_values import UNKNOWN_VALUES
from mockserver.sandbox.faults.effects.wrong_type import WRONG_TYPE
from mockserver.sandbox.faults.kind import ClientMeets, FaultKind, Statuses

_ERRORS = Statuses(range(400, 600), "400 to 599")
_REDIRECTIONS = Statuses((301, 302, 303, 307, 308), "301, 302, 303, 307 or 308")
_WITH_BODY = Statuses({*range(200, 600)} - {204, 205, 304}, "200 to 599, of one that has a body")
_OF_STATUS = ("status", "headers", "body", "retry_after", "retry_after_form", "delay_ms", "sigma")

LATE, HARMLESS, STRANGE = ClientMeets.LATE, ClientMeets.HARMLESS, ClientMeets.STRANGE
SPOILING, OTHER_STATUS = ClientMeets.SPOILING, ClientMeets.OTHER_STATUS

STATUS_KIND = FaultKind("status", STATUS, OTHER_STATUS, _OF_STATUS, needed=("status",), statuses=_ERRORS)
"""The kind that a request asks for with `Prefer: code=…`."""

FAULT_KINDS: dict[str, FaultKind] = {
    kind.name: kind
    for kind in (
        FaultKind("delay", DELAY, LATE, ("delay_ms", "sigma"), needed=("delay_ms",)),
        FaultKind("drip", DRIP, LATE, ("delay_ms", "piece_bytes")),
        FaultKind("stale", STALE, HARMLESS),
        FaultKind("duplicate_items", DUPLICATE_ITEMS, HARMLESS),
        FaultKind("reorder_items", REORDER_ITEMS, HARMLESS),
        FaultKind("short_page", SHORT_PAGE, HARMLESS),
        FaultKind("gzip", GZIP, HARMLESS),
        FaultKind("extra_members", EXTRA_MEMBERS, STRANGE, tests="TOLERANCE-01"),
        FaultKind("unknown_values", UNKNOWN_VALUES, STRANGE, tests="TOLERANCE-02"),
        FaultKind("patch", PATCH, SPOILING, ("changes",), needed=("changes",)),
        FaultKind("wrong_type", WRONG_TYPE, SPOILING, ("pointer",), tests="FAULT-06"),
        STATUS_KIND,
        FaultKind("redirect", REDIRECT, OTHER_STATUS, ("status", "location"), statuses=_REDIRECTIONS, tests="TOKEN-07"),
        FaultKind("content_type", CONTENT_TYPE, SPOILING, ("status", "headers", "body"), statuses=_WITH_BODY),
        FaultKind("empty", EMPTY, SPOILING),
        FaultKind("malformed", MALFORMED, SPOILING),
        FaultKind("truncate", TRUNCATE, SPOILING, ("keep_bytes", "length")),
        FaultKind("reset", RESET, SPOILING, ("at",)),
    )
}


def strange_kinds() -> dict[str, str]:
    """Returns the kinds that make an answer strange, each with the obligation to take such an answer all the same."""
    strange = (kind for kind in FAULT_KINDS.values() if kind.meets is STRANGE)
    return {kind.name: kind.tests for kind in strange if kind.tests is not None}


def kinds_that_test(obligation: str) -> list[str]:
    """Returns the names of the kinds that a judge takes as tests of an obligation."""
    return [kind.name for kind in FAULT_KINDS.values() if kind.tests == obligation]
