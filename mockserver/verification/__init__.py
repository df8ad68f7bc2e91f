"""Judging a sandbox's traffic: expectations, coverage of the contracts, the journal as HAR. Nothing of HTTP here."""

from mockserver.verification.coverage import cover
from mockserver.verification.expectation import Bounds, Expectation
from mockserver.verification.har import har_entry, to_har
from mockserver.verification.verdict import Verdict, compare, judge, verify

__all__ = ["Bounds", "Expectation", "Verdict", "compare", "cover", "har_entry", "judge", "to_har", "verify"]
