"""What there is to know about the server itself: health, release, contracts, fidelity, worlds and scenarios."""

from typing import Any

from mockserver.admin.context import Context, known_provider
from mockserver.domain import Frozen
from mockserver.foundation.version import __version__


class ProviderChoice(Frozen):
    """Narrows an answer to one provider."""

    provider: str | None = None


def live(context: Context) -> Any:
    """Whether the process answers."""
    return {"status": "ok"}


def ready(context: Context) -> Any:
    """Whether it can serve: no socket is bound before every contract and the world are loaded."""
    return {"status": "ok"}


def version(context: Context) -> Any:
    """Which release this is."""
    return {"name": "lead-mockserver", "version": __version__}


def get_contract(context: Context) -> Any:
    """A contract as served, overlays applied."""
    return context.provider().contract.document


def get_fidelity(context: Context, query: ProviderChoice) -> Any:
    """How sure we are of each thing that the contracts say."""
    providers = context.server.providers
    if query.provider is not None:
        known_provider(providers, query.provider)
    chosen = (provider for name, provider in providers.items() if query.provider in (None, name))
    return {"rows": [row.as_dict() for provider in chosen for row in provider.contract.ledger]}


def get_openapi(context: Context) -> Any:
    """This admin API as an OpenAPI 3.1 document."""
    from mockserver.admin.endpoints import ROWS
    from mockserver.admin.openapi import make_document

    return make_document(ROWS)
