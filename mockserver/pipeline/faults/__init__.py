"""Faults at work on the road: which one meets a call, what it makes of the answer, how that is sent."""

from mockserver.pipeline.faults.apply import instead, meet, misled, settle
from mockserver.pipeline.faults.sending import deliver

__all__ = ["deliver", "instead", "meet", "misled", "settle"]
