"""Frozen batteries: the drills and obligations that count for whoever names a version, whatever later ones add."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated

import yaml
from pydantic import Field

from mockserver.foundation.models import FrozenModel
from mockserver.foundation.resources import resource
from mockserver.judge.drill import Drill
from mockserver.judge.program import ConformError
from mockserver.judge.rulings import Severity


class FrozenBattery(FrozenModel):
    """The drills that count, and the obligations with the severity that they had, by provider."""

    version: Annotated[str, Field(pattern=r"^\d{4}\.\d{2}$")]
    drills: Mapping[str, tuple[str, ...]]
    obligations: Mapping[str, Mapping[str, Severity]]

    def counts(self, drill: Drill) -> bool:
        """Tells whether a drill counts. One that is in no battery was named by the user, and does."""
        return not drill.in_battery or drill.name in self.drills.get(drill.provider, ())

    def severity_of(self, provider: str, obligation: str, today: Severity) -> Severity | None:
        """Returns the weaker of the severities then and today; None for an obligation that was added later."""
        then = self.obligations.get(provider, {}).get(obligation)
        return None if then is None else max(then, today, key=list(Severity).index)


@lru_cache
def battery_versions() -> tuple[str, ...]:
    """Returns the versions that there are, the oldest first."""
    return tuple(sorted(path.stem for path in resource("fixtures", "batteries").glob("*.yaml")))


@lru_cache
def load_battery(version: str) -> FrozenBattery:
    """Loads a frozen battery. Raises ConformError for one that there is not."""
    if version not in battery_versions():
        raise ConformError(f"There is no battery {version!r}; there is {', '.join(battery_versions())}.")
    text = resource("fixtures", "batteries", f"{version}.yaml").read_text(encoding="utf-8")
    return FrozenBattery.model_validate(yaml.safe_load(text))
