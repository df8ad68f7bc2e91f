"""Capsules as files: JSON in gzip, with one record or call a line, so that a large one is written and read in turns."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from mockserver.foundation.mistakes import sentence_on
from mockserver.registry.capsules.document import FORMAT, Capsule, CapsuleHead, CapsuleRefused
from mockserver.registry.choices import MAX_CAPSULE_FILE

MAX_DOCUMENT = 256 * 1024 * 1024
"""The most bytes of the JSON in it."""
_MAX_LINE = 2 * 1024 * 1024
"""The most bytes that are read as JSON at once; a document of another form is at most as long."""
_MAX_VALUES = 10_000_000
_WEIGHT = 5
"""About how many bytes of memory a byte of JSON takes at last."""
_PORTION = 64 * 1024
"""Bytes that are unpacked and read at once: some milliseconds."""
_GZIP = b"\x1f\x8b"
_RECORDS, _JOURNAL, _END = b'"records":[', b'],"journal":[', b"]}"
_LEVEL = 6
_GZIP_WINDOW = 31
"""The largest window, and the head and the end of gzip, without a moment: the same capsule has the same bytes."""


def packed(head: CapsuleHead, records: Iterator[bytes], entries: Iterator[bytes]) -> Iterator[bytes]:
    """Yields the parts of a file, some of them empty. Raises CapsuleRefused for what is too large to be read again."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    size = packed_size = 0
    for line in _lines(head, records, entries):
        size += len(line)
        part = compressor.compress(line)
        packed_size += len(part)
        _check_size(size, packed_size)
        yield part
    last = compressor.flush()
    _check_size(size, packed_size + len(last))
    yield last


def _check_size(size: int, packed_size: int) -> None:
    if size > MAX_DOCUMENT or packed_size > MAX_CAPSULE_FILE:
        raise CapsuleRefused(
            f"The sandbox has more in it than a capsule can hold, {MAX_DOCUMENT >> 20} MiB of JSON, or "
            f"{MAX_CAPSULE_FILE >> 20} MiB compressed; reset it, or take leads away."
        )


def _lines(head: CapsuleHead, records: Iterator[bytes], entries: Iterator[bytes]) -> Iterator[bytes]:
    yield orjson.dumps(head.model_dump(mode="json"))[:-1] + b"," + _RECORDS
    yield from _joined(records)
    yield b"\n" + _JOURNAL
    yield from _joined(entries)
    yield b"\n" + _END + b"\n"


def _joined(parts: Iterator[bytes]) -> Iterator[bytes]:
    before = b"\n"
    for part in parts:
        yield before + part
        before = b",\n"


class CapsuleReading:
    """Reads a capsule step by step: `for _ in reading: …`, then `reading.capsule`.

    A step takes some milliseconds at most. Raises CapsuleRefused for what is no capsule, or is damaged, too large, or
    of a newer release.
    """

    def __init__(self, raw: bytes, check_room: Callable[[int], None] = lambda weight: None) -> None:
        """`check_room` receives about how many bytes of memory all that was read so far takes, and may raise."""
        self._raw = raw
        self._check_room = check_room
        self._capsule: Capsule | None = None

    @property
    def capsule(self) -> Capsule:
        """The capsule, after the last step."""
        assert self._capsule is not None
        return self._capsule

    def __iter__(self) -> Iterator[None]:
        lines, size = _LineReader(), 0
        for part in _unpacked(self._raw):
            size += len(part)
            self._check_room(size * _WEIGHT)
            lines.feed(part)
            yield
        members, records, calls = lines.end()
        yield
        self._capsule = Capsule(_head(members), records, calls)


class _LineReader:
    """Reads a document in the form of `_lines` as it comes, and a short one in any form at its end."""

    def __init__(self) -> None:
        self._tail = b""
        self._values = 0
        self._members: dict[str, Any] | None = None
        """The members of a document in our form, without records and calls; None before its first line."""
        self._other_form: list[bytes] = []
        """The lines of a document in another form."""
        self._records: list[bytes] = []
        self._entries: list[bytes] = []
        self._into: list[bytes] | None = self._records
        """The array of which lines come now; None behind the end."""

    def feed(self, part: bytes) -> None:
        """Takes the next part of the document."""
        self._values += part.count(b",") + part.count(b"[") + part.count(b"{")
        if self._values > _MAX_VALUES:
            raise CapsuleRefused(f"It has more than {_MAX_VALUES} values, the most of a capsule.")
        *lines, self._tail = (self._tail + part).split(b"\n")
        for line in lines:
            self._take(line)
        if len(self._tail) + sum(map(len, self._other_form)) > _MAX_LINE:
            raise CapsuleRefused(f"It is no capsule that can be read: a part of it has more than {_MAX_LINE} bytes.")

    def _take(self, line: bytes) -> None:
        if self._other_form or (self._members is None and not line.endswith(_RECORDS)):
            self._other_form.append(line + b"\n")
        elif self._members is None:
            self._members = _checked_version(_object(line + _END))
        elif self._into is None:
            raise CapsuleRefused("It is damaged: there is something behind the end of its JSON; have it sent again.")
        elif line == _JOURNAL and self._into is self._records:
            self._into = self._entries
        elif line == _END and self._into is self._entries:
            self._into = None
        else:
            line = line.removesuffix(b",")
            self._check(_json(line))
            self._into.append(line)

    def end(self) -> tuple[dict[str, Any], list[bytes], list[bytes]]:
        """Returns the other members of the document, its records and its calls."""
        if self._members is None:
            members = _checked_version(_object(b"".join((*self._other_form, self._tail))))
            for name, into in (("records", self._records), ("journal", self._entries)):
                if not isinstance(members.get(name), list):
                    raise _unreadable(f"{name}: an array is needed")
                self._into = into
                for value in members[name]:
                    self._check(value)
                    into.append(orjson.dumps(value))
            return members, self._records, self._entries
        if self._into is not None or self._tail:
            raise CapsuleRefused("It is damaged: the end of its JSON is missing; have it sent again.")
        return self._members, self._records, self._entries

    def _check(self, value: Any) -> None:
        if self._into is self._entries:
            if not isinstance(value, dict):
                raise _unreadable("journal: a call is an object")
        elif not (isinstance(value, list) and len(value) == 3 and all(isinstance(part, str) for part in value[:2])):
            raise _unreadable("records: a record is `[component, key, value]`")


def read_capsule(raw: bytes) -> Capsule:
    """Reads a whole capsule. Raises CapsuleRefused."""
    reading = CapsuleReading(raw)
    for _ in reading:
        pass
    return reading.capsule


def _unpacked(raw: bytes) -> Iterator[bytes]:
    if len(raw) > MAX_CAPSULE_FILE:
        raise CapsuleRefused(f"It has {len(raw)} bytes; a capsule has at most {MAX_CAPSULE_FILE}.")
    if not raw.startswith(_GZIP):
        form = "it is empty" if not raw else "it is not compressed with gzip"
        raise CapsuleRefused(f"It is no capsule: {form}; `mockserver capsule save FILE` makes one.")
    decompressor, size, rest = zlib.decompressobj(_GZIP_WINDOW), 0, raw
    try:
        while rest and not decompressor.eof:
            part = decompressor.decompress(rest, _PORTION)
            rest = decompressor.unconsumed_tail
            size += len(part)
            if size > MAX_DOCUMENT:
                raise CapsuleRefused(f"It unpacks to more than {MAX_DOCUMENT >> 20} MiB, the most of a capsule.")
            yield part
    except zlib.error:
        raise CapsuleRefused("It is damaged: it cannot be unpacked with gzip; have it sent again.") from None
    if not decompressor.eof:
        raise CapsuleRefused("It is damaged: its end is missing; have it sent again.")
    if decompressor.unused_data:
        raise CapsuleRefused("It is damaged: there is something behind its end; have it sent again.")


def _object(text: bytes) -> dict[str, Any]:
    value = _json(text)
    if not isinstance(value, dict):
        raise CapsuleRefused("It is no capsule: it has JSON, but no object.")
    return value


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise CapsuleRefused(f"It is damaged: what it unpacks to is not JSON ({error}).") from None


def _checked_version(members: dict[str, Any]) -> dict[str, Any]:
    version = members.get("capsule")
    if type(version) is not int:
        raise CapsuleRefused("It is no capsule: the JSON in it has no member `capsule` with a version.")
    if version > FORMAT:
        maker = str(members.get("made_by", "a newer release"))[:100]
        raise CapsuleRefused(
            f"It is a capsule of form {version}, made by {maker}; this release reads form {FORMAT}: use a newer one."
        )
    return members


def _head(members: Mapping[str, Any]) -> CapsuleHead:
    try:
        return CapsuleHead.model_validate(
            {name: value for name, value in members.items() if name not in ("records", "journal")}
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _unreadable(f"{place}: {sentence_on(first, CapsuleHead)}") from None


def _unreadable(reason: str) -> CapsuleRefused:
    return CapsuleRefused(f"It is no capsule that can be read: {reason}.")
