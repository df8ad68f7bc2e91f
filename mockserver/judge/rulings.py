"""Obligations of clients, and rulings on how they were met in a drill."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import Field

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.models import FrozenModel
from mockserver.judge.evidence import Evidence


class Severity(StrEnum):
    """The severity of an obligation."""

    MUST = "must"
    """A client that breaks it loses data, keeps what must go, or is locked out."""
    SHOULD = "should"
    """A client that breaks it works, until somebody complains."""
    ADVICE = "advice"


class State(StrEnum):
    """The state of an obligation: held, broken, or not known."""

    HELD = "held"
    BROKEN = "broken"
    NOT_OBSERVABLE = "not observable"
    """The drill came to it, but it shows only in the outcome, which the client did not write."""
    NOT_REACHED = "not reached"
    """The client never came to where it matters."""
    FAULTY = "faulty"
    """The fake or the drill did not do what it was to do: a fault of ours."""


_Text = Annotated[str, Field(min_length=1)]


class Obligation(FrozenModel):
    """Something that a correct client does."""

    id: str
    """Family and number, such as `PAGE-03`. Never given to another one."""
    severity: Severity
    sentence: _Text
    """The behaviour of a correct client, in one sentence without the word must."""
    remedy: _Text
    """The change for a client that breaks it."""

    @property
    def family(self) -> str:
        """The part before the number."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Finding:
    """A breach of an obligation."""

    text: str
    """A sentence about the client with numbers: `page 3 of the leads of agency 101 was never asked for`."""
    entries: tuple[int, ...] = ()
    """Ids of the calls in the journal that show it, in order."""
    leads: tuple[str, ...] = ()
    """The leads that it is about, as the provider calls them."""
    kind: str = ""
    """`lost`, `duplicated`, `stale` or `resurrected` for what the oracle found; else empty."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A ruling on an obligation in a drill."""

    state: State
    findings: tuple[Finding, ...] = field(default=())


MAX_FINDINGS = 100
"""The most findings that are told of an obligation in a drill; more of the same says nothing new."""
HELD = Ruling(State.HELD)
NOT_REACHED = Ruling(State.NOT_REACHED)
NOT_OBSERVABLE = Ruling(State.NOT_OBSERVABLE)

Judge: TypeAlias = Callable[[Evidence], Ruling]
Judges: TypeAlias = Mapping[str, Judge]
"""By the id of the obligation."""


def broken(*findings: Finding) -> Ruling:
    """Returns the ruling that it was broken in these ways."""
    return Ruling(State.BROKEN, findings)


def rule(findings: Sequence[Finding], *, reached: bool, observable: bool = True) -> Ruling:
    """Rules: broken by any finding; else held where the drill came to it and it could be seen."""
    if findings:
        return broken(*findings)
    if not reached:
        return NOT_REACHED
    return HELD if observable else NOT_OBSERVABLE
