"""Contracts: an OpenAPI 3.1 document as the wire truth of one provider."""

from mockserver.contract.contract import Contract
from mockserver.contract.document import JsonObject
from mockserver.contract.errors import ContractError
from mockserver.contract.loading import load_contract
from mockserver.contract.operation import Body, ListEnvelope, Operation, Parameter, ResponseSpec
from mockserver.contract.routing import Match, Router
from mockserver.contract.validator import Validator
from mockserver.contract.variants import Variant

__all__ = [
    "Body",
    "Contract",
    "ContractError",
    "JsonObject",
    "ListEnvelope",
    "Match",
    "Operation",
    "Parameter",
    "ResponseSpec",
    "Router",
    "Validator",
    "Variant",
    "load_contract",
]
