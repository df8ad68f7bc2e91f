"""Configures a client: the environment variables of its runs, and templates that map them to other names."""

import os
import re
from collections.abc import Collection, Iterable, Mapping
from string import Formatter

from mockserver.judge.program import ConformError

PREFIX = "MOCKSERVER_"
"""The beginning of the variables that belong to no provider."""
OUR_NAMES = ("now", "state_dir", "outcome", "webhook_port")
"""The names of all of these in a template."""
_SEVERAL_VALUES = {
    "NODE_OPTIONS": " ",
    "JAVA_TOOL_OPTIONS": " ",
    "PYTHONPATH": os.pathsep,
    "PHP_INI_SCAN_DIR": os.pathsep,
}
"""What is between the values of such variables."""


def variables(
    environments: Mapping[str, Mapping[str, str]],
    ours: Mapping[str, str],
    templates: Iterable[tuple[str, str]] = (),
    configured: Collection[str] | None = None,
) -> dict[str, str]:
    """Returns the environment of a client: variables of providers, ours (`MOCKSERVER_NOW` …), and mapped ones.

    Only the `configured` providers' are there by themselves; None is all of them. A template is text with
    `{provider.variable}` or one of ours in it, such as `{now}`; a brace itself is doubled. One that names the port of
    webhooks is left out where there is none. Raises ConformError.
    """
    values = {
        f"{provider}.{name.removeprefix(f'{provider.upper()}_').lower()}": value
        for provider, environment in environments.items()
        for name, value in environment.items()
    }
    values |= {name.removeprefix(PREFIX).lower(): value for name, value in ours.items()}
    of_providers = {
        name: value
        for provider, environment in environments.items()
        if configured is None or provider in configured
        for name, value in environment.items()
    }
    mapped = {name: _fill(name, template, values) for name, template in templates}
    return {**of_providers, **ours, **{name: value for name, value in mapped.items() if value is not None}}


def led_variables(led: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment of a client that is led to real hosts; of options that both name, it has both."""
    both = {
        name: f"{led[name]}{between}{environment[name]}"
        for name, between in _SEVERAL_VALUES.items()
        if name in led and name in environment
    }
    return {**environment, **led, **both}


def withheld(environments: Mapping[str, Mapping[str, str]], environment: Mapping[str, str]) -> frozenset[str]:
    """Returns the names of providers' variables that an environment does not have, and a client must not inherit."""
    return frozenset(name for of_provider in environments.values() for name in of_provider if name not in environment)


def _fill(name: str, template: str, values: Mapping[str, str]) -> str | None:
    where = f"environment {name}={template}"
    if not name or name.upper().startswith(PREFIX) or re.search(r"[=\0]", name):
        raise ConformError(f"{where}: {name!r} cannot be set; a name that does not begin with {PREFIX} is right")
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise ConformError(f"{where}: {error}; write {{{{ and }}}} for braces that are text") from None
    text = []
    for literal, field, form, conversion in parts:
        text.append(literal)
        if field is None:
            continue
        if form or conversion or (field not in values and field not in OUR_NAMES):
            written = field + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
            raise ConformError(f"{where}: there is no {{{written}}}; there is {_names(field, values)}")
        if field not in values:
            return None
        text.append(values[field])
    return "".join(text)


def _names(field: str, values: Mapping[str, str]) -> str:
    """Returns the names of the provider that is probably meant, or else of all, and ours."""
    of_providers = sorted(name for name in values if "." in name)
    meant = [name for name in of_providers if name.partition(".")[0] == field.partition(".")[0]]
    ours = [name for name in values if "." not in name and name not in OUR_NAMES]
    return ", ".join(f"{{{name}}}" for name in [*(meant or of_providers), *OUR_NAMES, *ours])
