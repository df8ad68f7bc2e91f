"""Contracts are read from files: compiled ones when their digest is right, and else the document, which is compiled."""

from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from mockserver.contract.contract import AppliedOverlay, Contract
from mockserver.contract.document import inline_rated_responses, parse_yaml, read_bytes
from mockserver.contract.errors import ContractError
from mockserver.foundation.compiled_files import digest_of, find, keep, packed

_FORMAT = b"1"
"""The form of compiled files, beside what the code says."""


def load_contract(name: str, path: Path, overlays: Sequence[Path] = (), code: Sequence[Path] = ()) -> Contract:
    """Loads the contract in a YAML file, with overlays applied in order. ContractError names the file that is wrong.

    Files with the same content give the same contract, compiled once: nobody changes it. `code` are files beside those
    of this package that decide whether it can be served.
    """
    files = tuple((file, read_bytes(file)) for file in (path, *overlays))
    contents = (content for _, content in files)
    digest = digest_of(_FORMAT, name.encode(), _code(), *map(read_bytes, code), *contents)
    return _load(name, digest, files)


@lru_cache(32)
def keep_contract(contract: Contract) -> None:
    """Keeps a contract for the next start, if it was compiled now. Only one that can be served is to be kept."""
    if contract.is_new:
        keep(contract.name, contract.digest, packed(contract.compile(), contract.document))


@lru_cache(32)
def _load(name: str, digest: str, files: tuple[tuple[Path, bytes], ...]) -> Contract:
    overlays = tuple(AppliedOverlay(path.name, sha256(content).hexdigest()) for path, content in files[1:])
    before = find(name, digest)
    if before is not None:
        compiled, text = before
        return Contract(name, text, compiled, digest, overlays)
    from mockserver.contract.overlay import apply_overlay

    document = parse_yaml(*files[0])
    for overlay in files[1:]:
        document = apply_overlay(document, *overlay)
    try:
        inline_rated_responses(document)
        return Contract(name, document, digest=digest, overlays=overlays)
    except ContractError as error:
        raise ContractError(f"contract {name}: {error}") from None


@cache
def _code() -> bytes:
    """Returns the code that decides how a contract is compiled, as a digest."""
    return digest_of(*(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py")))).encode()
