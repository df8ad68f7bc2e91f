"""The journal of a sandbox: read, filtered, cleared, exported, judged."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import Field

from mockserver.admin.context import Context
from mockserver.admin.request import Flag, Number
from mockserver.admin.sandboxes import show
from mockserver.admin.schemas import Form
from mockserver.foundation.problems import Problem
from mockserver.foundation.suggestions import unknown_name
from mockserver.sandbox.journal import Entry
from mockserver.verification import Expectation, cover, to_har, verify


class JournalQuery(Form):
    """Which calls of the journal are meant; what is not given does not filter."""

    provider: str | None = None
    operation: str | None = None
    """The operationId."""
    method: str | None = None
    path: str | None = None
    """A glob on the path below the provider's origin; `*` also stands for slashes."""
    status: Number | None = None
    violations: Flag | None = None
    """Only calls with, or only calls without violations."""
    fault: Flag | None = None
    """Only calls that a fault struck, or only others."""
    after: Annotated[Number, Field(ge=0)] = 0
    """Only calls with a higher id."""

    def fits(self, entry: Entry) -> bool:
        """Whether the call is one of those."""
        return (
            self.provider in (None, entry.provider)
            and self.operation in (None, entry.operation)
            and (self.method is None or self.method.upper() == entry.method)
            and (self.path is None or fnmatchcase(entry.path, self.path))
            and self.status in (None, entry.status)
            and self.violations in (None, bool(entry.violations))
            and self.fault in (None, entry.fault is not None)
        )

    def of(self, context: Context) -> Iterator[Entry]:
        """The calls of the sandbox that fit, oldest first."""
        need_names(context, self.provider, self.operation)
        return filter(self.fits, context.sandbox.journal.entries(after=self.after))


def need_names(context: Context, provider: str | None, *operations: str | None) -> None:
    """Refuses a name that no call can have: nothing found would look like nothing called. Raises a 422.

    An operation without a name is that of the calls that matched none.
    """
    for operation in operations or (None,):
        if wrong := unknown_name(context.operations, provider, operation or None):
            raise Problem(422, "invalid", wrong)


class JournalFilter(JournalQuery):
    """`JournalQuery`, and how many of them."""

    limit: Annotated[Number, Field(ge=1)] = 1_000_000
    """The newest so many of those that fit."""


def get_journal(context: Context, query: JournalFilter) -> Any:
    """List the calls of a sandbox, oldest first"""
    journal = context.sandbox.journal
    shown = [entry.as_dict(journal.body_limit) for entry in list(query.of(context))[-query.limit :]]
    return {"entries": shown, "total": journal.total, "evicted": journal.evicted}


def clear_journal(context: Context) -> Any:
    """Forget the calls of a sandbox, with their counts and what they exercised"""
    context.sandbox.journal.clear()
    context.sandbox.usage.clear()


def get_har(context: Context, query: JournalFilter) -> Any:
    """Export the calls of a sandbox as an HTTP archive (HAR 1.2)"""
    sandbox = context.sandbox
    urls = show(context, sandbox)["urls"]
    return to_har(list(query.of(context))[-query.limit :], urls, sandbox.journal.body_limit)


def verify_calls(context: Context, body: Expectation) -> Any:
    """Judge whether the calls of a sandbox were as expected, with the nearest miss"""
    journal = context.sandbox.journal
    need_names(context, body.provider, body.operation, *(body.order or ()))
    return verify(journal, body).as_dict(journal.body_limit)


def get_coverage(context: Context) -> Any:
    """Tell how much of each contract was exercised, and which assumptions that relied on"""
    return cover(context.sandbox, context.server.providers)
