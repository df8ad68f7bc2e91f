"""Faults at work on the road: which one meets a call, what it makes of the answer, how that is sent."""

from mockserver.mischief.deliver import deliver
from mockserver.mischief.strikes import instead, meet, misled, settle

__all__ = ["deliver", "instead", "meet", "misled", "settle"]
