"""The journal of a sandbox: read, filtered, cleared, exported, judged."""

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Annotated, Any

import orjson
from pydantic import Field

from mockserver.admin.context import Context, EncodedAnswer
from mockserver.admin.request import QueryFlag, QueryNumber
from mockserver.admin.sandboxes import describe_sandbox
from mockserver.admin.schemas import Schema
from mockserver.admin.turns import at_once, each_of
from mockserver.foundation.bounds import LARGEST
from mockserver.foundation.problems import Problem
from mockserver.foundation.suggestions import unknown_name
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox
from mockserver.verification import Expectation, compare, cover, har_entry, judge, to_har

MAX_LISTED = 1_000_000
"""As many calls as a journal can keep."""


class JournalQuery(Schema):
    """Selects calls of the journal; a member that is not given does not filter."""

    provider: str | None = None
    operation: str | None = None
    """The operationId."""
    method: str | None = None
    path: str | None = None
    """A glob on the path below the provider's origin; `*` also stands for slashes."""
    status: Annotated[QueryNumber, Field(ge=100, le=999)] | None = None
    violations: QueryFlag | None = None
    """Only calls with, or only calls without violations."""
    fault: QueryFlag | None = None
    """Only calls that met a fault, or only others."""
    after: Annotated[QueryNumber, Field(ge=0, le=LARGEST)] = 0
    """Only calls with a higher id."""

    def matches(self, entry: Entry) -> bool:
        """Tells whether the call is one of those."""
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
        check_names(context, self.provider, self.operation)
        return filter(self.matches, context.sandbox.journal.entries(after=self.after))


def check_names(context: Context, provider: str | None, *operations: str | None) -> None:
    """Refuses a name that no call can have: an empty answer would look like "not called". Raises a 422.

    An operation without a name is that of the calls that matched none.
    """
    for operation in operations or (None,):
        if wrong := unknown_name(context.operations, provider, operation or None):
            raise Problem(422, "invalid", wrong)


class JournalFilter(JournalQuery):
    """Selects calls of the journal, and bounds their number."""

    limit: Annotated[QueryNumber, Field(ge=1, le=MAX_LISTED)] = MAX_LISTED
    """The newest so many of those that fit."""


async def get_journal(context: Context, query: JournalFilter) -> Any:
    """List the calls of a sandbox, oldest first"""
    journal = context.sandbox.journal

    def read() -> tuple[list[Entry], dict[str, int]]:
        return list(query.of(context))[-query.limit :], {"total": journal.total, "evicted": journal.evicted}

    await _make_entries(context.sandbox)
    entries, counts = await at_once(context.sandbox, read)
    return await _encoded(
        {"entries": [], **counts}, entries, lambda entry: orjson.dumps(entry.as_dict(journal.body_limit))
    )


async def _make_entries(sandbox: Sandbox) -> None:
    """Makes the entries of all calls that wait for it, in turns; those that come in between are few."""
    await each_of(sandbox.journal.read, sandbox.journal.waiting())


async def _encoded(envelope: Any, entries: Iterable[Entry], encode: Callable[[Entry], bytes]) -> EncodedAnswer:
    """Returns a document with the entries in its first array, which is empty."""
    before, _, after = orjson.dumps(envelope).partition(b"[]")
    return EncodedAnswer(b"%b[%b]%b" % (before, b",".join(await each_of(encode, entries)), after))


def clear_journal(context: Context) -> Any:
    """Forget the calls of a sandbox, with their counts and what they exercised"""
    context.sandbox.journal.clear()
    context.sandbox.usage.clear()


async def get_har(context: Context, query: JournalFilter) -> Any:
    """Export the calls of a sandbox as an HTTP archive (HAR 1.2)"""
    sandbox = context.sandbox

    def read() -> tuple[list[Entry], dict[str, str]]:
        return list(query.of(context))[-query.limit :], describe_sandbox(context, sandbox)["urls"]

    await _make_entries(sandbox)
    entries, urls = await at_once(sandbox, read)
    limit = sandbox.journal.body_limit
    return await _encoded(to_har([], urls, limit), entries, lambda entry: orjson.dumps(har_entry(entry, urls, limit)))


async def verify_calls(context: Context, body: Expectation) -> Any:
    """Judge whether the calls of a sandbox were as expected, with the nearest miss"""
    journal = context.sandbox.journal
    check_names(context, body.provider, body.operation, *(body.order or ()))

    def read() -> tuple[list[Entry], int]:
        return list(journal.entries(after=body.after)), journal.evicted

    await _make_entries(context.sandbox)
    entries, evicted = await at_once(context.sandbox, read)
    compared = await each_of(lambda entry: compare(entry, body, journal.body_limit), entries)
    return judge(compared, body, evicted).as_dict(journal.body_limit)


def get_coverage(context: Context) -> Any:
    """Tell how much of each contract was exercised, and which assumptions that relied on"""
    return cover(context.sandbox, context.services.providers)
