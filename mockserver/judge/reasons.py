"""The reasons for obligations: each says what it rests on, and is never surer than that."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from mockserver.foundation.models import FrozenModel
from mockserver.judge.citations import spelled_out
from mockserver.judge.rulings import Obligation, Severity

Level: TypeAlias = Literal["documented", "observed", "inferred", "assumed"]
"""The certainty of something that a provider says or does."""
SupportKind: TypeAlias = Literal["rule", "answer", "arithmetic", "behaviour"]
"""The kind of a support: a public rule; what the client was shown and passed over; the client's own arithmetic; or a
behaviour of the provider."""
_LEVELS: tuple[Level, ...] = ("documented", "observed", "inferred", "assumed")
"""The surest first."""
_ALLOWED: Mapping[Level, Severity] = {
    "documented": Severity.MUST,
    "observed": Severity.MUST,
    "inferred": Severity.SHOULD,
    "assumed": Severity.ADVICE,
}
_CLIENTS: Mapping[SupportKind, str] = {"answer": "what the client was shown: ", "arithmetic": "its own calls: "}
_Sentence = Annotated[str, Field(min_length=1)]


class Support(FrozenModel):
    """Something that a reason rests on."""

    kind: SupportKind
    source: Annotated[_Sentence, AfterValidator(spelled_out)]
    """The place of it, such as `RFC 9110 §10.2.3`; of an answer, the part that was passed over."""
    level: Level = "documented"
    """A behaviour always names its own. A rule is documented where it demands the conduct, else less sure."""
    row: str | None = None
    """The row of the ledger that has the same level: its operation, where it has one, and its subject."""

    @property
    def document(self) -> str:
        """Its source, with a word before it where that is no document but what the client met or did."""
        return _CLIENTS.get(self.kind, "") + self.source

    @model_validator(mode="after")
    def _says_its_level(self) -> "Support":
        if self.kind == "behaviour" and "level" not in self.model_fields_set:
            raise ValueError("a behaviour needs the level of its row of the ledger")
        if self.kind in ("answer", "arithmetic") and self.level != "documented":
            raise ValueError(f"what rests on {self.kind} is documented by the calls of the client")
        if self.kind != "behaviour" and self.row is not None:
            raise ValueError("only a behaviour stands in the ledger")
        return self


class ObligationReason(FrozenModel):
    """The reason for which clients of one provider owe an obligation."""

    reason: _Sentence
    """A sentence or two: what the provider says or does that makes it necessary."""
    rests_on: Annotated[tuple[Support, ...], Field(min_length=1)]
    needs_all: bool = False
    """Whether it needs all of its supports; else each of them carries it alone."""

    @property
    def level(self) -> Level:
        """The level of its surest support; of its least sure one where it needs all of them."""
        choose = max if self.needs_all else min
        return choose((support.level for support in self.rests_on), key=_LEVELS.index)

    @property
    def document(self) -> str:
        """The sources of its supports, in order."""
        return "; ".join(dict.fromkeys(support.document for support in self.rests_on))


def allowed_severity(level: Level) -> Severity:
    """Returns the highest severity of a verdict that is as sure as that."""
    return _ALLOWED[level]


def effective_severity(obligation: Obligation, reason: ObligationReason) -> Severity:
    """Returns the weaker one of the obligation's severity and what the level of the reason allows."""
    return max(obligation.severity, allowed_severity(reason.level), key=list(Severity).index)
