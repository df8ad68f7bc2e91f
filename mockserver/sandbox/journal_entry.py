"""An entry of the journal: a call without secrets, and no longer than its bounds, in the forms that it is shown in."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from mockserver.foundation.clock import iso
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.problems import Violation
from mockserver.foundation.responses import Headers


@dataclass(slots=True)
class Entry:
    """A recorded call. Bodies are cut at the journal's bound, all else at fixed ones; nothing has secrets."""

    id: int
    at: float
    """Virtual time at the sandbox, epoch seconds."""
    real_at: float
    provider: str
    """Empty when the path is that of no provider."""
    operation: str
    """The operationId, or empty when no operation was matched."""
    method: str
    path: str
    query: str
    status: int
    duration_ms: float
    violations: Sequence[Violation]
    notes: Sequence[str]
    request: str
    request_bytes: int
    reply: str
    reply_bytes: int
    fault: Mapping[str, Any] | None = None
    """The fault that the call met: `id`, `kind`, `in_contract`."""
    request_headers: Headers = ()
    reply_headers: Headers = ()

    def as_record(self) -> dict[str, Any]:
        """Returns everything as plain JSON."""
        record: dict[str, Any] = {name: getattr(self, name) for name in _NAMES}
        record["violations"] = [violation.as_dict() for violation in self.violations]
        record["notes"] = list(self.notes)
        record["request_headers"] = texts(self.request_headers)
        record["reply_headers"] = texts(self.reply_headers)
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Entry":
        """Reads what `as_record` returned."""
        members = dict(record)
        members["violations"] = [Violation.from_dict(violation) for violation in record["violations"]]
        for name in ("request_headers", "reply_headers"):
            members[name] = tuple((key.encode("latin-1"), value.encode("latin-1")) for key, value in record[name])
        return cls(**members)

    def as_dict(self, limit: int) -> dict[str, Any]:
        """Returns the form that the admin API shows; `limit` is the bound on bodies in bytes."""
        return {
            "id": self.id,
            "at": iso(self.at),
            "real_at": iso(self.real_at),
            "provider": self.provider or None,
            "operation": self.operation or None,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "duration_ms": round(self.duration_ms, 3),
            "violations": [violation.as_dict() for violation in self.violations],
            "notes": list(self.notes),
            "fault": self.fault,
            "request": {
                "headers": texts(self.request_headers),
                "body": self.request,
                "bytes": self.request_bytes,
                "cut": self.request_bytes > limit,
            },
            "reply": {
                "headers": texts(self.reply_headers),
                "body": self.reply,
                "bytes": self.reply_bytes,
                "cut": self.reply_bytes > limit,
            },
        }


_NAMES = tuple(field.name for field in fields(Entry))


def texts(headers: Headers) -> list[list[str]]:
    """Returns headers as pairs of text, as they came."""
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]
