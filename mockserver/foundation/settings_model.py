"""Settings that are not plain are read and checked by a model, which is made when there are some."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from mockserver.foundation.mistakes import sentence_on
from mockserver.foundation.settings import Setting, Settings, SettingsError

_TYPES = {"ports": Mapping[str, Annotated[int, Field(ge=0, le=65535)]]}
"""Types that say more than those of the fields."""


def validated(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Returns values of settings in the form that they are used in. Raises SettingsError for a wrong one."""
    try:
        return settings_model().model_validate(keywords).model_dump(include=set(keywords), round_trip=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise SettingsError(f"setting {place}: {sentence_on(first, settings_model())}") from None


@cache
def settings_model() -> type[BaseModel]:
    """Returns a model with the fields of `Settings`."""
    members: dict[str, Any] = {
        name: (_annotated(setting, _TYPES.get(name, kind)), default)
        for name, (setting, kind, default) in Settings.described().items()
    }
    return create_model("Settings", __config__=ConfigDict(frozen=True, extra="forbid"), **members)


def _annotated(setting: Setting, kind: Any) -> Any:
    validators: list[Any] = [Field(ge=setting.least, le=setting.most, description=setting.about)]
    if setting.read is not None:
        validators.append(BeforeValidator(setting.read))
    if setting.check is not None:
        validators.append(AfterValidator(setting.check))
    return Annotated[kind, *validators]
