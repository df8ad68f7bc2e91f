"""Calls about the server itself: health, release, contracts, the fidelity ledger, its own OpenAPI document."""

import asyncio
from typing import Any

from mockserver.admin.context import Context, find_provider
from mockserver.contract import JsonObject
from mockserver.foundation.models import FrozenModel
from mockserver.foundation.version import __version__
from mockserver.sandbox.unit_of_work import when_free

_PATIENCE = 1.0
"""Real seconds after which a store that another process locks is no longer ready; a transaction takes milliseconds."""


class FidelityQuery(FrozenModel):
    """Narrows an answer to one provider."""

    provider: str | None = None


def live(context: Context) -> Any:
    """Tell whether the process answers"""
    return {"status": "ok"}


async def ready(context: Context) -> Any:
    """Tell whether the server can serve: every contract and the world are loaded, and the store can be written"""
    await when_free(context.services.sandboxes.repository.check, _PATIENCE)
    return {"status": "ok"}


def version(context: Context) -> Any:
    """Tell the release of the server"""
    return {"name": "lead-mockserver", "version": __version__}


def get_contract(context: Context) -> Any:
    """Show a contract as served, overlays applied"""
    return _at_prefix(context, context.provider().contract.document)


def get_fidelity(context: Context, query: FidelityQuery) -> Any:
    """Tell how sure we are of each statement of the contracts"""
    providers = context.services.providers
    if query.provider is not None:
        find_provider(providers, query.provider)
    chosen = (provider for name, provider in providers.items() if query.provider in (None, name))
    rows = (row for provider in chosen for row in provider.contract.ledger)
    return {"rows": [{**row.as_dict(), "inherited": row.inherited} for row in rows]}


async def get_openapi(context: Context) -> Any:
    """Show this admin API as an OpenAPI 3.1 document"""
    # The schemas of all models take longer than other clients should wait.
    return _at_prefix(context, await asyncio.to_thread(_make_openapi, context))


def _make_openapi(context: Context) -> JsonObject:
    from mockserver.admin.openapi import make_document

    return make_document(context.api.endpoints)


def _at_prefix(context: Context, document: JsonObject) -> JsonObject:
    """An OpenAPI document with the addresses of its servers as the client knows them."""
    if not context.prefix:
        return document
    return {
        **document,
        "servers": [{**server, "url": context.prefix + server["url"]} for server in document["servers"]],
    }
