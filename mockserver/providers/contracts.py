"""The contracts of the providers: which there are, and how each is read."""

import pkgutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from mockserver import providers
from mockserver.contract.contract import Contract
from mockserver.contract.loading import load_contract
from mockserver.foundation.compiled_files import file_name, packed
from mockserver.foundation.resources import resource


def provider_names() -> list[str]:
    """The providers that there are, without loading them."""
    return sorted(module.name for module in pkgutil.iter_modules(providers.__path__) if module.ispkg)


def read_contract_of(name: str, overlays: Sequence[Path] = ()) -> Contract:
    """The contract of a provider with overlays. Raises ContractError."""
    # The names of the handlers decide whether it can be served.
    handlers = Path(providers.__path__[0], name, "handlers.py")
    return load_contract(name, resource("contracts", f"{name}.yaml"), overlays, code=[handlers])


def write_compiled(folder: Path) -> Iterator[Path]:
    """Writes the compiled contracts that come with the package into a folder, and yields their files."""
    for name in provider_names():
        contract = read_contract_of(name)
        file = folder / file_name(name, contract.digest)
        file.write_bytes(packed(contract.compile(), contract.document))
        yield file
