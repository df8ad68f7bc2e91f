"""Finds calls that only repeat earlier ones of a run: nothing that the client could learn from them is new.

A client learns leads and their content. Answers may differ all the same: in members that nobody knows, in their order,
in a new token.
"""

import re
from collections.abc import Hashable, Iterator
from dataclasses import field
from datetime import datetime
from itertools import product

from mockserver.foundation.dataclass import dataclass
from mockserver.judge.calls import JudgedCall, is_start
from mockserver.provider_api.judge_adapter import PageRequest, SeenLead
from mockserver.sandbox.faults import ClientMeets
from mockserver.sandbox.journal import Entry

_GRAIN = 10.0
"""Seconds: moments that are as far from the present, but for half of that, are the same moving moment."""
_FAR = 400 * 86_400.0
"""Seconds: a number that is no moment so near the present is none at all."""
_MAX_FORMS = 200_000
"""Forms of calls that are remembered; who makes more of them repeats nothing."""
_MAX_LEARNED = 4_096
"""Answers of which it is remembered that they show nothing new."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T|%20| )\d\d(?::|%3A)\d\d(?:(?::|%3A)\d\d)?(?:\.\d+)?|\d{9,14}", re.IGNORECASE)
_GROWTH = 1.25
"""The number of times by which a rest is longer than those before it where a client backs off."""
_MIDDLE = 1.0
"""Seconds after a call in which a client may still write down what it learned by it."""
_MILLISECONDS = 1e11
"""Numbers from here on are taken for milliseconds."""


def is_trouble(call: JudgedCall) -> bool:
    """Tells whether an answer was an error, or a fault left nothing of it that a client can take for an answer."""
    return call.got_error or call.trouble not in (None, ClientMeets.HARMLESS, ClientMeets.STRANGE)


class Repetition:
    """The calls of one run, by what they ask for; a period that moves with the clock stays the same one."""

    def __init__(self) -> None:
        self._kinds: dict[int, int] = {}
        """By the hash of each form that a call can be known by, the number of its kind."""
        self._leads: dict[tuple[str, str], int] = {}
        """By provider and id the hash of what was learned last."""
        self._news = 0
        """The number of times that something was learned."""
        self._learned: dict[tuple[str, int], tuple[tuple[SeenLead, ...], int]] = {}
        """By provider and identity leads that an answer showed, with that number when they taught nothing."""
        self._places: dict[tuple[str, str], tuple[str, int]] = {}
        """By provider and list the place that was asked for last, and the number of pages before it."""

    def kind_of(self, call: JudgedCall) -> int | None:
        """Returns the number of the kind of calls that this one repeats; None when it, or what it shows, is new."""
        forms = [hash(form) for form in self._forms(call)]
        kind = next((self._kinds[form] for form in forms if form in self._kinds), None)
        is_known = kind is not None
        if len(self._kinds) < _MAX_FORMS:
            number = len(self._kinds) if kind is None else kind
            for form in forms:
                self._kinds.setdefault(form, number)
        # Both, whatever is new: what was learned is known from now on.
        return kind if not self._learns(call) and is_known else None

    def _learns(self, call: JudgedCall) -> bool:
        key = call.entry.provider, id(call.items)
        learned = self._learned.get(key)
        if learned is not None and learned[1] == self._news:
            return False
        before = self._news
        for lead in call.items:
            self._learn(call.entry.provider, lead)
        if self._news == before:
            if len(self._learned) >= _MAX_LEARNED:
                self._learned.clear()
            self._learned[key] = call.items, before
        return self._news > before

    def _learn(self, provider: str, lead: SeenLead) -> None:
        content = hash((lead.contact, lead.parent))
        if self._leads.get((provider, lead.id)) != content:
            self._news += 1
            self._leads[provider, lead.id] = content

    def _forms(self, call: JudgedCall) -> Iterator[Hashable]:
        entry, request, trouble = call.entry, call.page_request, is_trouble(call)
        if request is None:
            for text in _texts(entry):
                yield entry.provider, entry.method, trouble, text
            return
        position = self._position(entry.provider, request)
        places = (position,) if is_start(request) else (request.place, position)
        for form in product(_moments(request.since, entry.at), _moments(request.until, entry.at), places):
            yield entry.provider, request.feed, trouble, form

    def _position(self, provider: str, request: PageRequest) -> int:
        """Returns the number of pages that were asked for before, since the list was begun."""
        place, position = self._places.get((provider, request.feed), ("", 0))
        if is_start(request):
            position = 0
        elif request.place != place:
            position += 1
        self._places[provider, request.feed] = request.place, position
        return position


def _moments(moment: float | None, now: float) -> tuple[Hashable, ...]:
    """Returns the forms of a bound: as it is, and by how far it is from the present, in two grids that overlap."""
    if moment is None:
        return (None,)
    far = (moment - now) / _GRAIN
    return (moment, ("from now", far // 1), ("from about now", (far + 0.5) // 1))


def _texts(entry: Entry) -> set[str]:
    """Returns address and body as they are, and with moments by how far they are from the present."""
    text = f"{entry.path}?{entry.query}\n{entry.request}"
    return {text, *(_relative(text, entry.at, shift) for shift in (0.0, 0.5))}


def _relative(text: str, now: float, shift: float) -> str:
    def far(match: re.Match[str]) -> str:
        moment = _read_moment(match[0])
        if moment is None or abs(moment - now) > _FAR:
            return match[0]
        return f"<{shift}:{((moment - now) / _GRAIN + shift) // 1}>"

    return _MOMENT.sub(far, text)


def _read_moment(text: str) -> float | None:
    if text.isdecimal():
        number = float(text)
        return number / 1_000 if number >= _MILLISECONDS else number
    try:
        return datetime.fromisoformat(text.upper().replace("%3A", ":").replace("%20", "T") + "+00:00").timestamp()
    except ValueError:
        return None


@dataclass(slots=True)
class RepeatedCalls:
    """Calls since there was news, each of which repeats an earlier one of this run."""

    since: float
    """The moment of the news, on the stopwatch."""
    calls: int = 0
    rested: float = 0.0
    """Seconds of rests between them."""
    met_trouble: bool = False
    """Whether any of them was answered by an error."""
    kinds: set[int] = field(default_factory=set)
    longest_rest: float = 0.0
    steady: int = 0
    """The calls since a rest was longer than all before it."""

    def add(self, kind: int, rest: float, trouble: bool) -> None:
        """Counts a call, and the rest before it."""
        self.calls += 1
        self.rested += rest
        self.met_trouble |= trouble
        self.kinds.add(kind)
        self.steady = 0 if rest > self.longest_rest * _GROWTH else self.steady + 1
        self.longest_rest = max(self.longest_rest, rest)

    @property
    def rounds(self) -> int:
        """The number of times that all these calls were repeated; where they fail, without longer rests each time."""
        calls = self.steady if self.met_trouble else self.calls
        return calls // max(1, len(self.kinds))

    def is_resting(self, seconds: float) -> bool:
        """Tells whether seconds after the last call are well within a rest, and none that is longer than all before."""
        middle = min(_MIDDLE, self.rested / max(1, self.calls // max(1, len(self.kinds))) / 2)
        return middle <= seconds and not (self.met_trouble and seconds > self.longest_rest * _GROWTH)
