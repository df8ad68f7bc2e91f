"""Judging a sandbox's traffic: expectations, coverage of the contracts, the journal as HAR. Nothing of HTTP here."""

from mockserver.verification.coverage import cover
from mockserver.verification.expectation import Bounds, Expectation
from mockserver.verification.har import to_har
from mockserver.verification.verdict import Verdict, verify

__all__ = ["Bounds", "Expectation", "Verdict", "cover", "to_har", "verify"]
