"""Metrics of a process for monitoring: counts of the calls since it started, which nothing ever resets."""

from collections import Counter
from collections.abc import Mapping
from typing import Any


class CallMetrics:
    """Calls, violations and faults of all sandboxes together."""

    def __init__(self) -> None:
        self.calls: Counter[tuple[str, str, int]] = Counter()
        """By provider, operationId (empty when none matched) and status."""
        self.violations: Counter[str] = Counter()
        """By provider."""
        self.faults: Counter[tuple[str, str]] = Counter()
        """By provider and kind."""

        self.failures: Counter[str] = Counter()
        """Calls that failed where nothing expected it: by provider, or empty for our own pages."""

    def count_failure(self, provider: str = "") -> None:
        """Counts a call that was answered by the last net."""
        self.failures[provider] += 1

    def count(
        self, provider: str, operation: str, status: int, violations: int, fault: Mapping[str, Any] | None
    ) -> None:
        """Counts a call that was answered; it is the `CallCounter` of journals."""
        self.calls[provider, operation, status] += 1
        if violations:
            self.violations[provider] += violations
        if fault is not None:
            self.faults[provider, str(fault["kind"])] += 1
