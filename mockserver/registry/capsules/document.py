"""The document of a capsule: all that a sandbox was made from, all that changed in it, and its newest calls."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple

import orjson
from pydantic import ConfigDict, Field

from mockserver.foundation.bounds import LARGEST, LARGEST_ID
from mockserver.foundation.clock import LAST_SECOND, LATEST
from mockserver.foundation.models import FrozenModel
from mockserver.foundation.numbers import Seed
from mockserver.registry.choices import SLUG
from mockserver.world import WorldFile

FORMAT = 1
"""The version of the form of capsules. A release reads those of its own form and of earlier ones."""

_Id = Annotated[str, Field(pattern=SLUG)]
_Natural = Annotated[int, Field(ge=0, le=LARGEST)]
_WholeSecond = Annotated[int, Field(ge=0, le=LATEST)]
_FIRST_SECOND = -62_135_596_800
"""The first second of the year 1; a clock can be set back there."""
_Line = Annotated[str, Field(max_length=1_000)]


class CapsuleRefused(ValueError):
    """A capsule that cannot be read or loaded; the message is one sentence that says what would do."""


class SecretSource(StrEnum):
    """The source from which a capsule's reader gets the secret of an account, which is not in the file."""

    DERIVED = "derived"
    """It follows from the sandbox."""
    START = "start"
    """It is the one that the account had when the sandbox was made."""
    ROTATED = "rotated"
    """It follows from the sandbox and the number of rotations."""
    CHOSEN = "chosen"
    """Somebody chose it, and has to give it again."""


class CapsuleModel(FrozenModel):
    """A part of a capsule; the docstring below each member becomes its description in the JSON Schema."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class CapsuleAccount(CapsuleModel):
    """An account without its secret."""

    user: Annotated[str, Field(min_length=1, max_length=1_000)]
    agencies: Annotated[tuple[Annotated[int, Field(ge=1, le=LARGEST_ID)], ...], Field(max_length=1_000)]
    scopes: Annotated[tuple[Annotated[str, Field(max_length=100_000)], ...], Field(max_length=100_000)]
    customer: _Line
    secret: SecretSource
    """The source of the secret, which is not in the file."""
    rotations: _Natural = 0
    """The number of rotations from which the secret follows, with `rotated`."""


class CapsuleOverlay(CapsuleModel):
    """An overlay that corrected a contract."""

    name: _Line
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class CapsuleContract(CapsuleModel):
    """The contract of a provider as the sandbox had it."""

    version: _Line
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the document with its overlays applied."""
    overlays: Annotated[tuple[CapsuleOverlay, ...], Field(max_length=100)] = ()


class CapsuleMoment(CapsuleModel):
    """The clock of the sandbox."""

    at: Annotated[float, Field(ge=_FIRST_SECOND, le=LAST_SECOND, allow_inf_nan=False)]
    """Seconds since the epoch."""
    frozen: bool


class CapsuleSettings(CapsuleModel):
    """The settings of the server that decide what its answers are."""

    token_lifetime: Annotated[int, Field(ge=1, le=LARGEST)]
    body_limit: _Natural
    prefer: bool
    signing_key: Literal["development", "private"]
    """`private` is a key of the server's owner: its tokens can be issued there alone."""


class CapsuleHead(CapsuleModel):
    """A capsule but for its records and its calls."""

    capsule: Literal[1]
    """The version of this form."""
    made_by: _Line
    """The program and its release."""
    sandbox: _Id
    """The id of the sandbox that was saved."""
    identity: _Id
    """The id that it was first made with, from which follow its credentials, its cursors, ids of requests."""
    world: WorldFile
    """The whole world file."""
    seed: Seed
    origin: _WholeSecond
    """The moment at which the world ends, in seconds since the epoch."""
    starts_at: _WholeSecond | None
    """The moment at which the clock stood still when the sandbox was made; null let it run with real time."""
    fingerprint: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    """Tells whether another release makes the same world."""
    moment: CapsuleMoment
    variants: Mapping[str, Mapping[str, str]]
    """The reading of each variant, by provider."""
    scenario: Mapping[str, Any] | None
    """The scenario that was at work from the start; the one at work now, with its position, is in the records."""
    accounts: Mapping[str, tuple[CapsuleAccount, ...]]
    """The accounts with which the sandbox was made, by provider."""
    contracts: Mapping[str, CapsuleContract]
    settings: CapsuleSettings
    calls: _Natural
    """The number of calls that the journal has counted; the newest are in the file."""
    withheld: Annotated[tuple[_Line, ...], Field(max_length=1_000)]
    """Values that are not in the file since they are secret, one sentence each."""


CapsuleRecord = tuple[str, str, Any]
"""Component, key and value of something that is not as it was at the start; false is something removed."""


class CapsuleDocument(CapsuleHead):
    """A whole capsule: the file is this in gzip."""

    model_config = ConfigDict(title="Capsule")

    records: list[CapsuleRecord]
    """Everything that changed, as `[component, key, value]`."""
    journal: list[dict[str, Any]]
    """The newest calls, oldest first, without secrets."""


class Capsule(NamedTuple):
    """A capsule that was read, and is right in its form.

    Records and calls stay the JSON that they came as until somebody looks at them: as objects they would take several
    times the memory, and the time of whoever collects garbage.
    """

    head: CapsuleHead
    record_lines: Sequence[bytes]
    call_lines: Sequence[bytes]

    def records(self) -> Iterator[CapsuleRecord]:
        """Yields everything that changed."""
        return map(orjson.loads, self.record_lines)

    def calls(self) -> Iterator[Mapping[str, Any]]:
        """Yields the newest calls, oldest first."""
        return map(orjson.loads, self.call_lines)


def capsule_schema() -> dict[str, Any]:
    """Returns the JSON Schema of capsules."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **CapsuleDocument.model_json_schema()}
