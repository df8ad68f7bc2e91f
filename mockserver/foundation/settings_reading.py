"""Settings are read from keywords, as they come from a program, or from the options of the command line."""

from collections.abc import Mapping
from typing import Any

from mockserver.foundation.settings import Settings, SettingsError


def read_settings(keywords: Mapping[str, Any]) -> Settings:
    """Settings from keywords or options. Raises SettingsError for one that is not there or cannot be that."""
    if unknown := sorted(set(keywords) - set(Settings.described())):
        raise SettingsError(f"there is no setting {unknown[0]!r}; there is {', '.join(Settings.described())}")
    odd_values = {}
    for name, value in keywords.items():
        setting, kind, default = Settings.described()[name]
        if not _is_same(value, default) and not setting.is_plain(value, kind):
            odd_values[name] = value
    if not odd_values:
        return Settings(**keywords)
    from mockserver.foundation.settings_model import validated

    return Settings(**{**keywords, **validated(odd_values)})


def _is_same(value: Any, other: Any) -> bool:
    # The command line reads 10 as a fraction where the default is a whole number; True is no 1.
    return isinstance(value, bool) is isinstance(other, bool) and bool(value == other)
