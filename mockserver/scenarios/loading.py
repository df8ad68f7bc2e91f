"""Loads scenarios: by name, from files and from documents."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import ValidationError

from mockserver.foundation.compiled_files import digest_of, file_name, find, keep, packed
from mockserver.foundation.document_errors import DocumentMistake, DocumentPath, LineFinder, located
from mockserver.foundation.resources import resource
from mockserver.foundation.suggestions import hint
from mockserver.provider_api.provider import ProvidersByName
from mockserver.scenarios.errors import ScenarioError

if TYPE_CHECKING:
    from mockserver.scenarios.model import Scenario

_KEPT_AS = "scenarios"
"""The name of the file with what was read of all scenarios of the package."""


@lru_cache(1)
def scenario_names() -> tuple[str, ...]:
    """Returns the names of the scenarios that come with the package, in alphabetical order."""
    return tuple(sorted(path.stem for path in resource("fixtures", "scenarios").glob("*.yaml")))


def load_scenario(name_or_path: str, providers: ProvidersByName | None = None) -> "Scenario":
    """Loads a scenario that comes with the package by its name, or a user's own by a path. Raises ScenarioError.

    With `providers`, all that it names of them must be there.
    """
    if name_or_path in scenario_names():
        return _bundled(name_or_path, providers)
    path = Path(name_or_path)
    if path.is_file():
        return _load(path, providers)
    raise _no_such(name_or_path, ", or the path of a YAML file")


def bundled_scenarios() -> Iterator["Scenario"]:
    """Yields all scenarios that come with the package, in the order of their names, from what was read of them before.

    Who needs a single one reads its file.
    """
    from mockserver.scenarios.model import Scenario

    for document in _bundled_documents().values():
        yield Scenario.model_validate(document)


def write_compiled(folder: Path) -> Iterator[Path]:
    """Writes the documents of these scenarios into a folder, as `bundled_scenarios` looks for them; yields the file."""
    contents = _contents()
    file = folder / file_name(_KEPT_AS, _digest(contents))
    file.write_bytes(packed(_read_all(contents), None))
    yield file


@lru_cache(1)
def _bundled_documents() -> Mapping[str, Any]:
    contents = _contents()
    digest = _digest(contents)
    before = find(_KEPT_AS, digest)
    if before is not None:
        documents: Mapping[str, Any] = before[0]
        return documents
    documents = _read_all(contents)
    keep(_KEPT_AS, digest, packed(documents, None))
    return documents


def _contents() -> Mapping[str, bytes]:
    return {name: _path(name).read_bytes() for name in scenario_names()}


def _digest(contents: Mapping[str, bytes]) -> str:
    from mockserver.scenarios import reading

    code = Path(reading.__file__).read_bytes()
    return digest_of(code, *(part for name, content in contents.items() for part in (name.encode(), content)))


def _read_all(contents: Mapping[str, bytes]) -> Mapping[str, Any]:
    from mockserver.scenarios.reading import read_unchecked

    return {name: read_unchecked(content.decode()) for name, content in contents.items()}


def read_scenario(path: Path, providers: ProvidersByName | None = None) -> "Scenario":
    """Reads a scenario from a file, wherever it lies. Raises ScenarioError."""
    return _load(path, providers)


def parse_scenario(document: Mapping[str, Any], providers: ProvidersByName | None = None) -> "Scenario":
    """Reads a scenario from a document that came as JSON. Raises ScenarioError, without lines."""
    from mockserver.foundation.documents import NO_JSON
    from mockserver.scenarios.reading import check_size

    try:
        check_size("scenario", len(orjson.dumps(document)))
    except TypeError:
        raise ScenarioError("scenario", [DocumentMistake(None, "", NO_JSON)]) from None
    return _parse("scenario", document, lambda path: None, providers)


def choose_scenario(choice: str | Mapping[str, Any], providers: ProvidersByName) -> "Scenario":
    """Loads the scenario that a client of the admin API chose by name, or sent as a document. Raises ScenarioError.

    It never takes a path: a user who may start a scenario may not therefore read this machine's files.
    """
    if not isinstance(choice, str):
        return parse_scenario(choice, providers)
    if choice not in scenario_names():
        raise _no_such(choice, ", or give a document")
    return load_scenario(choice, providers)


def _bundled(name: str, providers: ProvidersByName | None) -> "Scenario":
    from mockserver.scenarios.checking import unknown

    scenario = _read_bundled(name)
    if providers is not None and any(unknown(scenario, providers)):
        # An overlay took a name away that it uses: the file is read once more for its lines.
        return _load(_path(name), providers)
    return scenario


@lru_cache(128)
def _read_bundled(name: str) -> "Scenario":
    from mockserver.scenarios.model import Scenario
    from mockserver.scenarios.reading import read_unchecked

    try:
        return Scenario.model_validate(read_unchecked(_path(name).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return _load(_path(name), None)  # slower, and it tells what is wrong, with lines


def _path(name: str) -> Path:
    return resource("fixtures", "scenarios", f"{name}.yaml")


def _no_such(name: str, otherwise: str) -> ScenarioError:
    detail = hint(name, scenario_names(), "give one of", otherwise)
    return ScenarioError("scenario", [DocumentMistake(None, "", f"there is no {name!r}; {detail}")])


def _load(path: Path, providers: ProvidersByName | None) -> "Scenario":
    from mockserver.scenarios.reading import check_size, read_text

    source = str(path)
    try:
        check_size(source, path.stat().st_size)
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise ScenarioError(
            source, [DocumentMistake(None, "", f"it cannot be read as text in UTF-8: {reason}")]
        ) from None
    document, line = read_text(source, text)
    return _parse(source, document, line, providers)


def _parse(source: str, document: Any, line: LineFinder, providers: ProvidersByName | None) -> "Scenario":
    from mockserver.foundation.document_complaints import complaints
    from mockserver.scenarios.checking import unknown
    from mockserver.scenarios.model import Scenario

    try:
        scenario = Scenario.model_validate(document)
    except ValidationError as error:
        raise _wrong(source, complaints(error, document, Scenario), line) from None
    if providers is not None and (mistakes := list(unknown(scenario, providers))):
        raise _wrong(source, mistakes, line)
    return scenario


def _wrong(source: str, mistakes: Iterable[tuple[DocumentPath, str]], line: LineFinder) -> ScenarioError:
    return ScenarioError(source, sorted(located(mistakes, line), key=lambda mistake: mistake.line or 0))
