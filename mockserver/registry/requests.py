"""Sandboxes as users ask for them: checked, and made the choices that a sandbox is made of."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from mockserver.foundation.epoch import Epoch
from mockserver.foundation.models import Given
from mockserver.foundation.numbers import Seed
from mockserver.registry.choices import SLUG, SandboxChoices
from mockserver.world.choices import WorldChoice


class SandboxRequest(Given):
    """A sandbox to be made; members that are not given are as in the default one."""

    id: str | None = Field(default=None, pattern=SLUG, description="Made up when it is missing.")
    world: WorldChoice | None = Field(
        default=None, description="The name of a bundled world, or a world file's content; never a path."
    )
    seed: Seed | None = None
    now: Epoch | None = Field(default=None, description="Where its clock stands still, and where its world ends.")
    variants: Mapping[str, Mapping[str, str]] = Field(
        default={}, description="Readings that are not the default, by provider and variant."
    )
    scenario: str | Mapping[str, Any] | None = Field(
        default=None,
        description="The name of a bundled scenario, or a scenario's content; at work from the start. Its world, seed, "
        "moment and variants hold where the request has none.",
    )
    credentials: Mapping[str, Mapping[str, Any]] = Field(
        default={},
        description="By provider, in the provider's own words; for those that are not named they are made.",
    )

    def choices(self) -> SandboxChoices:
        """Returns all of it but the id."""
        return SandboxChoices(self.world, self.seed, self.now, self.variants, self.scenario, self.credentials)


def read_choices(members: Mapping[str, Any]) -> SandboxChoices:
    """Reads the choices that the document of a scenario makes. Raises pydantic's ValidationError."""
    return SandboxRequest.model_validate(members).choices()
