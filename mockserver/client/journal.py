"""The journal of a sandbox, or what one provider has in it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.client.connection import AdminConnection, ClientError, Events, flag
from mockserver.client.models import Entry, JournalPage, Violation
from mockserver.client.reading import read_entry, read_journal


class JournalHandle:
    """The calls that a sandbox has answered, oldest first; of one provider when it is a provider's journal."""

    def __init__(self, connection: AdminConnection, path: str, provider: str | None = None) -> None:
        self._connection = connection
        self._path = path
        self._provider = provider

    def entries(self, **filters: Any) -> list[Entry]:
        """The calls that fit: by `provider`, `operation`, `method`, `path` (a glob), `status`, `violations` and `fault`
        (whether they have one), `after` (an id); the newest `limit` of them. Raises ClientError for any other filter.
        """
        return list(self.page(**filters).entries)

    def page(self, **filters: Any) -> JournalPage:
        """The calls that fit, as `entries` has them, with the numbers of all calls and of those that are gone."""
        return read_journal(self._connection.get(f"{self._path}/journal", self._parameters(filters)))

    def count(self, **filters: Any) -> int:
        """The number of calls that fit. Raises ClientError when the journal had to let go of some, and cannot tell."""
        return len(self._whole(**filters))

    @property
    def violations(self) -> Sequence[Violation]:
        """Every rule of a contract that a client's request broke, in order. Raises ClientError as `count` does."""
        return tuple(broken for entry in self._whole(violations=True) for broken in entry.broken)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def __len__(self) -> int:
        return len(self.entries())

    def __bool__(self) -> bool:
        return True

    def follow(self, **filters: Any) -> "Following":
        """Each call that is answered from now on and fits, as an iterator that waits for the next; see `Following`."""
        return Following(self._connection.events(f"{self._path}/journal/events", self._parameters(filters)))

    def clear(self) -> None:
        """Forgets every call of the sandbox, of all providers."""
        self._connection.call("DELETE", f"{self._path}/journal")

    def har(self) -> Mapping[str, Any]:
        """The calls of the sandbox, of all providers, as HAR 1.2."""
        har: Mapping[str, Any] = self._connection.get(f"{self._path}/journal.har")
        return har

    def _whole(self, **filters: Any) -> Sequence[Entry]:
        """The calls that fit. Raises ClientError when some are missing from the journal."""
        page = self.page(**filters)
        if page.evicted:
            raise ClientError(
                f"the journal has let go of the oldest {page.evicted} of {page.total} calls, so it cannot "
                "tell of them; start the server with a larger --journal-size"
            )
        return page.entries

    def _parameters(self, filters: Mapping[str, Any]) -> dict[str, Any]:
        parameters = {name: flag(value) if isinstance(value, bool) else value for name, value in filters.items()}
        return {"provider": self._provider, **parameters}


class Following(Iterator[Entry]):
    """Calls as they are answered. It ends with the server, or when it is closed: `with journal.follow() as calls:`."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def __next__(self) -> Entry:
        return read_entry(json.loads(next(self._events)))

    def __enter__(self) -> "Following":
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Stops to follow."""
        self._events.close()
