"""Retention: a lead may be kept for three calendar years after its creation."""

from datetime import UTC, datetime

from mockserver.foundation.epoch import Epoch

RETENTION_YEARS = 3
""""Legally 3 years after creation" (Seeker Leads, `TTL`; seed 003 l.150)."""


def retention_end(created: Epoch) -> Epoch:
    """Returns the moment from which nobody may keep a lead: the same day and time, three calendar years later.

    A lead of 29 February may be kept until the 28th is over (assumed; so French periods in years end, which lack the
    day). Hence of two leads the later never ends first. Days are those of UTC (assumed).
    """
    day = datetime.fromtimestamp(created, UTC)
    try:
        end = day.replace(year=day.year + RETENTION_YEARS)
    except ValueError:
        end = datetime(day.year + RETENTION_YEARS, 3, 1, tzinfo=UTC)
    return int(end.timestamp())
