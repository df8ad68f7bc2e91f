"""Finds the provider folders and fits each to its contract."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mockserver import providers
from mockserver.contract import Contract, ContractError
from mockserver.contract.loading import keep_contract
from mockserver.domain import Enquiry
from mockserver.provider_api.call import Handler
from mockserver.provider_api.provider import Provider, WebhookView
from mockserver.provider_api.view_context import View
from mockserver.providers.contracts import provider_names
from mockserver.sandbox.store.deferred import DeferredWrite, NewUuid, WriteReader

if TYPE_CHECKING:
    from mockserver.provider_api.judge_adapter import JudgeAdapter


def load_providers(load: Callable[[str], Contract]) -> dict[str, Provider]:
    """Every folder in `mockserver.providers`, with its contract from `load`. ContractError when the two do not fit."""
    return {name: _load(name, load(name)) for name in provider_names()}


def _load(name: str, contract: Contract) -> Provider:
    package = f"{providers.__name__}.{name}"
    module = f"{package}.handlers"
    # A contract that was compiled before was found to fit these very handlers by then.
    handlers = _handlers(import_module(module), contract) if contract.is_new else _LateHandlers(module, contract)
    auth = import_module(f"{package}.auth")
    errors = import_module(f"{package}.errors")
    webhook = _webhook(f"{package}.webhook", contract)
    keep_contract(contract)
    return Provider(
        name,
        contract,
        handlers,
        auth.AUTH,
        errors.render_problem,
        getattr(errors, "headers", None),
        _late_lead_id(f"{package}.leads"),
        webhook,
        auth.HOSTS,
        _late_reader(f"{package}.kept_writes"),
    )


class _LateHandlers(Mapping[str, Handler]):
    """Handlers by operationId, each imported with its first call: most programs call few operations."""

    def __init__(self, module: str, contract: Contract) -> None:
        self._module = module
        self._contract = contract
        self._imported: dict[str, Handler] = {}

    def __getitem__(self, operation: str) -> Handler:
        handler = self._imported.get(operation)
        if handler is None:
            if operation not in self._contract.operation_ids:
                raise KeyError(operation)
            handler = self._imported[operation] = getattr(import_module(self._module), _snake(operation))
        return handler

    def __iter__(self) -> Iterator[str]:
        return iter(self._contract.operation_ids)

    def __len__(self) -> int:
        return len(self._contract.operation_ids)


def _late_lead_id(module: str) -> Callable[[Enquiry], int | str]:
    """Returns a provider's function that makes its id of a lead; its module is imported with the first lead."""

    @cache
    def imported() -> Callable[[Enquiry], int | str]:
        lead_id: Callable[[Enquiry], int | str] = import_module(module).lead_id
        return lead_id

    return lambda enquiry: imported()(enquiry)


def _late_reader(module: str) -> WriteReader:
    """Returns what reads the writes of a provider that were kept as they came; its module is imported with the first.

    It raises LookupError when the provider has no such module.
    """

    def read(record: Mapping[str, Any], new_uuid: NewUuid) -> DeferredWrite:
        try:
            reader: WriteReader = import_module(module).read_write
        except ModuleNotFoundError as error:
            raise LookupError(f"there is no {error.name}") from None
        return reader(record, new_uuid)

    return read


def _webhook(module: str, contract: Contract) -> WebhookView | None:
    """Loads a provider's module `webhook`, if it has one; the contract must have the same webhook."""
    view: WebhookView | None = import_module(module).WEBHOOK if find_spec(module) else None
    if contract.webhook_ids != ({view.operation} if view else set()):
        webhook = f"tells of {view.operation}" if view else "tells of nothing by itself"
        raise ContractError(
            f"contract {contract.name} has the webhooks {sorted(contract.webhook_ids)}, and the provider {webhook}"
        )
    return view


def _handlers(module: ModuleType, contract: Contract) -> Mapping[str, Handler]:
    """Handlers by operationId; a function's name is the operationId in snake_case."""
    functions: dict[str, Handler] = {name: getattr(module, name) for name in module.__all__}
    names = {_snake(operation): operation for operation in contract.operation_ids}
    if missing := sorted(set(names) - set(functions)):
        raise ContractError(f"contract {contract.name}: operation {names[missing[0]]} has no handler {missing[0]}()")
    if extra := sorted(set(functions) - set(names)):
        raise ContractError(f"contract {contract.name}: handler {extra[0]}() has no operation in the contract")
    return {names[name]: function for name, function in functions.items()}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def lead_view(name: str) -> View:
    """Returns the view with which a provider shows an enquiry."""
    view: View = import_module(f"{providers.__name__}.{name}.leads").lead
    return view


def judge_adapter_of(name: str) -> "JudgeAdapter":
    """Returns the adapter with which the judge of clients reads a provider's traffic."""
    adapter: JudgeAdapter = import_module(f"{providers.__name__}.{name}.judge_adapter").JUDGE_ADAPTER
    return adapter
