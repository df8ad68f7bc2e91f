"""Kind `extra_members`: objects have a member more than the contract names, as a later version would."""

from collections.abc import Sequence
from typing import Any

from mockserver.sandbox.faults.effects.json_values import Allows, items_of, json_effect, with_items

_EXTRA = {"mockExtraFault": "a member of a later version"}


def extra_members(body: Any, path: Sequence[str], allows: Allows) -> tuple[Any, str]:
    """Adds a member to every object; to fewer of them when some are closed by the contract."""
    everywhere = _added_everywhere(body)
    items = items_of(body, path)
    choices = [everywhere]
    if items is not None:
        choices.append(with_items(body, path, [_added_everywhere(item) for item in items]))
        choices.append(with_items(body, path, [_added(item) for item in items]))
    choices.append(_added(body))
    chosen = next((choice for choice in choices if allows(choice)), everywhere)
    if chosen == body:
        return body, "there is no object to get a member more"
    return chosen, f"objects have a member more, {next(iter(_EXTRA))}"


def _added(value: Any) -> Any:
    return {**value, **_EXTRA} if isinstance(value, dict) else value


def _added_everywhere(value: Any) -> Any:
    if isinstance(value, dict):
        return _added({name: _added_everywhere(member) for name, member in value.items()})
    if isinstance(value, list):
        return [_added_everywhere(item) for item in value]
    return value


EXTRA_MEMBERS = json_effect(lambda hit, answer: extra_members(answer.value, answer.list_path, answer.allows))
