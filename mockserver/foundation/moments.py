"""Types of moments and durations for models that read them from outside: ISO 8601 text, checked and bounded."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from mockserver.foundation.clock import LATEST, parse_duration, parse_moment
from mockserver.foundation.epoch import Epoch

DURATION = (
    r"^-?P(?=[0-9T])([0-9]{1,6}W)?([0-9]{1,6}D)?"
    r"(T(?=[0-9])([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,6}(\.[0-9]{1,6})?S)?)?$"
)


def moment_or_seconds(value: Any) -> Any:
    """Reads ISO 8601 text; anything else stays for the model to judge. Raises ValueError."""
    return parse_moment(value) if isinstance(value, str) else value


def within_reach(moment: float) -> float:
    """Returns a moment that every provider can write. Raises ValueError for any other."""
    if not 0 <= moment <= LATEST:
        raise ValueError("the moment must lie between the years 1970 and 9994")
    return moment


def check_duration(text: str) -> str:
    """Returns the text of an ISO 8601 duration. Raises ValueError for any other."""
    parse_duration(text)
    return text


def _moment_from_text(text: Any) -> Any:
    if not isinstance(text, str):
        raise ValueError("an ISO 8601 moment such as 2026-01-31T12:00:00Z is needed, as text")
    return within_reach(parse_moment(text))


def _seconds_from_text(text: Any) -> Any:
    if not isinstance(text, str):
        raise ValueError("an ISO 8601 duration such as PT1H30M is needed, as text")
    return parse_duration(text)


Moment = Annotated[Epoch, BeforeValidator(moment_or_seconds), Field(ge=0, le=LATEST)]
"""A moment from ISO 8601 text, UTC unless it has a zone, or from whole seconds since the epoch."""
IsoMoment = Annotated[
    Epoch,
    BeforeValidator(_moment_from_text),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-31T12:00:00Z"]}),
]
"""A moment from ISO 8601 text alone, UTC unless it has a zone."""
IsoMomentText = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""A moment as it is answered: ISO 8601 text."""
IsoDuration = Annotated[
    float,
    BeforeValidator(_seconds_from_text),
    WithJsonSchema({"type": "string", "pattern": DURATION, "examples": ["PT1H", "-PT5M", "P1DT12H"]}),
]
"""Seconds from an ISO 8601 duration."""
DurationText = Annotated[str, AfterValidator(check_duration)]
"""An ISO 8601 duration, such as `PT5M`, that stays text."""
