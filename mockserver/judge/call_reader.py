"""Reads calls as they come, and keeps of what repeats one copy, so that a client that never rests fills no memory."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import TypeAlias

from mockserver.foundation.responses import Headers
from mockserver.judge.calls import CUT, JudgedCall
from mockserver.provider_api.judge_adapter import JudgeAdapter, PageRequest, SeenLead, SeenPage, VariantChoices
from mockserver.sandbox.journal import Entry

MAX_TEXT = 32_000_000
"""Characters of bodies of one drill that are kept whole, each body once."""
EXCERPT = 600
"""Characters of each further body; what judges need of it has been read by then."""
_LONG = 4_096
"""Characters of a request that are kept whatever comes."""
_DIGEST = 16
_GLANCE = 64
"""Characters at both ends of a long text by which it is looked up first."""
_MAX_SHARED = 32
_MAX_READ = 4_096
"""Calls of which it is remembered how they read."""

Reading: TypeAlias = tuple[PageRequest | None, SeenPage | None, tuple[SeenLead, ...]]


class CallReader:
    """Reads the calls of one drill, of whatever provider."""

    def __init__(self, adapters: Mapping[str, JudgeAdapter], readings: Mapping[str, VariantChoices]) -> None:
        """Takes the adapters of the providers, and the readings of each."""
        self._adapters, self._readings = adapters, readings
        self._read: dict[Hashable, Reading] = {}
        self._leads: dict[SeenLead, SeenLead] = {}
        self._items: dict[tuple[int, ...], tuple[SeenLead, ...]] = {}
        self._shared_items: dict[int, tuple[tuple[SeenLead, ...], tuple[SeenLead, ...]]] = {}
        """The last ones that were read, by identity, with those that are kept in their stead."""
        self._texts: dict[str, str] = {}
        self._last_alike: dict[tuple[int, str, str], str] = {}
        """Long ones, by length, beginning and end."""
        self._length = 0
        self._headers: dict[Headers, Headers] = {}
        self._fields: dict[tuple[bytes, bytes], tuple[bytes, bytes]] = {}

    def read(self, entry: Entry, run: int) -> JudgedCall:
        """Reads a call; of its bodies it has what there is room for."""
        adapter = self._adapters[entry.provider]
        most = _LONG if entry.operation in (adapter.token_operation, adapter.keys_operation) else EXCERPT
        shared = self._shared_entry(entry, most)
        # What is shared is read, unless it was cut: adapters know a text again fast that is the same object.
        request, page, details = self._reading(shared if _lengths(shared) == _lengths(entry) else entry)
        return JudgedCall(shared, run, request, page, details)

    def _shared_entry(self, entry: Entry, most: int) -> Entry:
        """Returns an entry that shares with others what they have in common.

        Where there is no more room an answer is cut behind so many characters, and what is sent where it is very long.
        """
        return replace(
            entry,
            path=self._text(entry.path, _LONG),
            query=self._text(entry.query, _LONG),
            request=self._text(entry.request, _LONG),
            reply=self._text(entry.reply, most),
            violations=tuple(entry.violations),
            notes=tuple(entry.notes),
            request_headers=self._shared_headers(entry.request_headers),
            reply_headers=self._shared_headers(entry.reply_headers),
        )

    def _text(self, text: str, most: int) -> str:
        if len(text) <= _LONG:
            return self._whole_or_cut(text, most)
        # To compare with the last one that looked alike is faster than to hash as much.
        look = len(text), text[:_GLANCE], text[-_GLANCE:]
        if self._last_alike.get(look) == text:
            return self._last_alike[look]
        shared = self._whole_or_cut(text, most)
        if len(shared) == len(text) and len(self._last_alike) < _MAX_READ:
            self._last_alike[look] = shared
        return shared

    def _whole_or_cut(self, text: str, most: int) -> str:
        shared = self._texts.get(text)
        if shared is not None:
            return shared
        if self._length < MAX_TEXT:
            self._length += len(text)
            self._texts[text] = text
        elif len(text) > most + len(CUT) + _DIGEST:
            # It gets shorter in any case. The digest keeps texts apart that begin alike.
            return f"{text[:most]}{CUT}{sha256(text.encode('utf-8', 'replace')).hexdigest()[:_DIGEST]}"
        return text

    def _shared_headers(self, headers: Headers) -> Headers:
        shared = self._headers.get(headers)
        if shared is None:
            shared = tuple(self._fields.get(field, field) for field in headers)
            if len(self._headers) < _MAX_READ:
                self._headers[shared] = shared
                self._fields.update(zip(shared, shared, strict=True))
        return shared

    def _reading(self, entry: Entry) -> Reading:
        fault = None if entry.fault is None else (entry.fault["kind"], entry.fault["in_contract"])
        key = (entry.provider, entry.operation, entry.method, entry.status, fault, *map(hash, _texts(entry)))
        if key not in self._read:
            if len(self._read) >= _MAX_READ:
                self._read.clear()
            self._read[key] = self._read_anew(entry)
        return self._read[key]

    def _read_anew(self, entry: Entry) -> Reading:
        adapter, readings = self._adapters[entry.provider], self._readings[entry.provider]
        request = adapter.read_page_request(entry, readings)
        if request is None:
            return None, None, self._shared(adapter.read_details(entry, readings))
        page = adapter.read_page(entry, readings)
        return request, None if page is None else replace(page, items=self._shared(page.items)), ()

    def _shared(self, items: tuple[SeenLead, ...]) -> tuple[SeenLead, ...]:
        if id(items) in self._shared_items:
            return self._shared_items[id(items)][1]
        # The JSON of a lead is not looked at any more.
        bare = (replace(lead, raw={}) for lead in items)
        leads = tuple(self._leads.setdefault(lead, lead) for lead in bare)
        shared = self._items.setdefault(tuple(map(id, leads)), leads)
        if len(self._shared_items) >= _MAX_SHARED:
            self._shared_items.clear()
        self._shared_items[id(items)] = items, shared
        return shared


def _texts(entry: Entry) -> tuple[str, str, str, str]:
    return entry.path, entry.query, entry.request, entry.reply


def _lengths(entry: Entry) -> list[int]:
    return [len(text) for text in _texts(entry)]
