"""The virtual clock of a sandbox."""

from typing import Any

from mockserver.admin.context import Context
from mockserver.admin.schemas import ClockChangeSchema
from mockserver.foundation.clock import Clock, iso
from mockserver.foundation.moments import within_reach
from mockserver.foundation.problems import Problem


def get_clock(context: Context) -> Any:
    """Tell what the clock of a sandbox shows"""
    return _clock_state(context.sandbox.clock)


def set_clock(context: Context, body: ClockChangeSchema) -> Any:
    """Set the clock of a sandbox, let time pass, freeze it, or let it run on"""
    clock = context.sandbox.clock
    if body.set is not None:
        clock.set(body.set)
    elif body.advance is not None:
        _advance(clock, body.advance)
    elif body.frozen:
        clock.freeze()
    else:
        clock.resume()
    context.sandbox.process_due()
    return _clock_state(clock)


def _advance(clock: Clock, seconds: float) -> None:
    try:
        within_reach(clock.time() + seconds)
    except ValueError as error:
        raise Problem(422, "invalid", f"The clock shows {iso(clock.time())}; {error}.") from None
    clock.advance(seconds)


def _clock_state(clock: Clock) -> dict[str, Any]:
    return {"now": iso(clock.time()), "frozen": clock.frozen}
