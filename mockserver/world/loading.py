"""World files are found by name or path, read as YAML, and checked before anybody makes a world from them.

What was read and checked once is kept, so that a start needs neither.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from mockserver import domain
from mockserver.foundation.compiled_files import digest_of, file_name, find, keep, packed
from mockserver.foundation.resources import resource
from mockserver.foundation.suggestions import ended, hint
from mockserver.world.files import WorldError, WorldFile, read_world_file
from mockserver.world.locales import check_locale

_FORMAT = b"1"
"""The form of compiled files, beside what the code says."""
_CHECKING = ("files.py", "loading.py", "locales.py", "numbering.py", "mistakes.py", "pin_values.py", "pins.py")
"""Modules here that decide whether a world file is right, beside the domain."""


def world_names() -> tuple[str, ...]:
    """The worlds that come with the package, in alphabetical order."""
    return tuple(sorted(path.stem for path in resource("fixtures", "worlds").glob("*.yaml")))


def load_world_file(name_or_path: str) -> WorldFile:
    """A world that comes with the package, by its name, or a user's own by a path. Raises WorldError."""
    path = _find(name_or_path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WorldError(f"World file {path} cannot be read: {error.strerror}.") from None
    return _parse(path, content)


@lru_cache(16)
def _parse(path: Path, content: bytes) -> WorldFile:
    """Files with the same content are read and checked once; nobody changes a `WorldFile`."""
    name, digest = f"world-{path.stem[:40]}", digest_of(_FORMAT, _code(), content)
    before = find(name, digest)
    if before is not None:
        file = WorldFile.from_checked(before[0])
        _check_locale(path, file)
        return file
    file = _checked(path, content)
    keep(name, digest, packed(file.as_document(), None))
    return file


def write_compiled(folder: Path) -> Iterator[Path]:
    """Writes the worlds that come with the package into a folder, as a start looks for them, and yields their files."""
    for name in world_names():
        path = resource("fixtures", "worlds", f"{name}.yaml")
        content = path.read_bytes()
        file = folder / file_name(f"world-{name}", digest_of(_FORMAT, _code(), content))
        file.write_bytes(packed(_checked(path, content).as_document(), None))
        yield file


def _checked(path: Path, content: bytes) -> WorldFile:
    from pydantic import ValidationError

    from mockserver.foundation.document_errors import DocumentError, located, mistakes_text
    from mockserver.foundation.documents import read_document, whole
    from mockserver.world.pins import PinBoard

    source = str(path)
    try:
        document, line = read_document(source, content.decode("utf-8"), "a world file", strict=False)
    except UnicodeDecodeError as error:
        raise WorldError(str(whole(source, f"it is not text in UTF-8: {error}"))) from None
    except DocumentError as error:
        raise WorldError(str(error)) from None
    try:
        file = read_world_file(document)
        PinBoard(file).check()
        check_locale(file.locale)
    except (ValidationError, WorldError):
        from mockserver.world.mistakes import world_mistakes

        mistakes = sorted(located(world_mistakes(document), line), key=lambda mistake: mistake.line or 0)
        raise WorldError(mistakes_text(source, mistakes)) from None
    return file


def _check_locale(path: Path, file: WorldFile) -> None:
    # Each time, since it depends on what is installed.
    try:
        check_locale(file.locale)
    except WorldError as error:
        raise WorldError(f"World file {path}: {error}") from None


@cache
def _code() -> bytes:
    """Returns the code that decides whether a world file is right, as a digest."""
    here = [Path(__file__).with_name(name) for name in _CHECKING]
    return digest_of(*(file.read_bytes() for file in (*here, *sorted(Path(domain.__path__[0]).glob("*.py"))))).encode()


def _find(name_or_path: str) -> Path:
    if name_or_path in world_names():
        return resource("fixtures", "worlds", f"{name_or_path}.yaml")
    path = Path(name_or_path)
    if path.is_file():
        return path
    detail = hint(name_or_path, world_names(), "give one of", ", or the path of a YAML file")
    raise WorldError(f"There is no world {name_or_path!r}: {ended(detail)}")
